import { ABSENT, type UserPresence } from './user-presence.ts'

/** What an update made of a user's state. */
export interface Changed {
  before: UserPresence
  after: UserPresence
}

/** Where the users' states are kept: in this process, or where all processes of a site reach them. */
export interface PresenceStore {
  /**
   * Changes one user's state; no other update comes between reading and writing it, and updates of one caller happen
   * in the order in which it asked for them.
   * @param change may run more than once; null drops the state
   */
  update(user: string, change: (state: UserPresence) => UserPresence | null): Promise<Changed>
  /** The states of those among these users of whom anything is known. */
  get(users: readonly string[]): Promise<ReadonlyMap<string, UserPresence>>
  /** Users whose `dueAt` has come. */
  due(at: number): Promise<readonly string[]>
}

/** The presence of a site that one process serves. */
export class MemoryPresence implements PresenceStore {
  readonly #states = new Map<string, UserPresence>()

  update(user: string, change: (state: UserPresence) => UserPresence | null): Promise<Changed> {
    const before = this.#states.get(user) ?? ABSENT
    const after = change(before)
    if (after) this.#states.set(user, after)
    else this.#states.delete(user)
    return Promise.resolve({ before, after: after ?? ABSENT })
  }

  get(users: readonly string[]): Promise<ReadonlyMap<string, UserPresence>> {
    const found = new Map<string, UserPresence>()
    for (const user of users) {
      const state = this.#states.get(user)
      if (state) found.set(user, state)
    }
    return Promise.resolve(found)
  }

  due(at: number): Promise<readonly string[]> {
    const users: string[] = []
    for (const [user, { dueAt }] of this.#states) if (dueAt <= at) users.push(user)
    return Promise.resolve(users)
  }
}
