import { randomUUID } from 'node:crypto'
import { ADMINISTRATOR, type Site } from '@f-chat/desk'
import { readActivity, writeActivity, type ActivityRow } from './presence/activity-rows.ts'
import { followRooms } from './presence/follow-rooms.ts'
import { presenceSettings, type PresenceSettings } from './presence/settings.ts'
import { rowOf, shownOf, storedOf, type PresenceShown } from './presence/shown.ts'
import { MemoryPresence, type Changed, type PresenceStore } from './presence/store.ts'
import { tellStatuses, type Told } from './presence/tell.ts'
import { Typing } from './presence/typing.ts'
import {
  ABSENT,
  isAbsent,
  isPresent,
  step,
  type PresenceEvent,
  type Status,
  type UserPresence,
} from './presence/user-presence.ts'

/** Who calls, and from where. */
export interface Caller {
  user: string
  device?: string | undefined
  connection?: object | undefined
}

/** What a site's presence is made of, where it is not what the site says. */
export interface PresenceParts {
  store?: PresenceStore
  settings?: PresenceSettings
  /** Milliseconds since 1970. */
  now?: () => number
}

/**
 * Who is there: kept in memory (`PresenceStore`), told to those whom it concerns, and written to Chat User Activity in
 * one statement an interval.
 */
export class Presence {
  readonly typing: Typing
  readonly #site: Site
  readonly #store: PresenceStore
  readonly #settings: PresenceSettings
  readonly #now: () => number
  readonly #sockets = new WeakMap<object, string>()
  /** The newest state of those whose row is older. */
  #dirty = new Map<string, UserPresence>()
  #timers: NodeJS.Timeout[] = []
  #ticking = false
  #restored: Promise<void> = Promise.resolve()

  constructor(site: Site, { store = new MemoryPresence(), settings, now = Date.now }: PresenceParts = {}) {
    this.#site = site
    this.#store = store
    this.#settings = settings ?? presenceSettings(site)
    this.#now = now
    this.typing = new Typing(site, this.#settings.typing, now, async (user) => {
      await this.#update(user, { type: 'time' })
    })
  }

  /** A socket of the user's has opened. */
  async opened(caller: Caller): Promise<void> {
    await this.#socket('open', caller)
  }

  /** … and is gone; the user is offline when no other comes in time. */
  async closed(caller: Caller): Promise<void> {
    await this.#socket('close', caller)
  }

  /** Somebody is there. */
  async beat(caller: Caller): Promise<void> {
    await this.#update(caller.user, { type: 'beat', device: this.#deviceOf(caller) })
  }

  /** The user sets a status by hand; others hear of it at once, unless they heard of another within the second. */
  async choose(caller: Caller, status: Status): Promise<void> {
    await this.#update(caller.user, { type: 'choose', status, device: this.#deviceOf(caller) })
    await this.#tell([caller.user])
  }

  /** The row that such a choice leads to, for the transaction that stores it. */
  async rowAfter(caller: Caller, status: Status): Promise<ActivityRow> {
    const at = this.#now()
    const state = (await this.#store.get([caller.user])).get(caller.user) ?? ABSENT
    const event: PresenceEvent = { type: 'choose', status, device: this.#deviceOf(caller) }
    return this.#rowOf(caller.user, step(state, event, at, this.#settings), at, this.typing.rooms())
  }

  /** The user is in a call, or in none any more; whoever is there is busy meanwhile. To be said after the commit. */
  async inCall(user: string, active: boolean): Promise<void> {
    await this.#update(user, { type: 'call', active })
    await this.#tell([user])
  }

  /** The user looks at a room. */
  async entered(caller: Caller, room: string): Promise<void> {
    await this.#update(caller.user, { type: 'enter', room, device: this.#deviceOf(caller) })
  }

  async left(user: string, room: string): Promise<void> {
    await this.#update(user, { type: 'leave', room })
  }

  /** What is known of these users; of others, what is stored is all there is. */
  async shown(users: readonly string[]): Promise<ReadonlyMap<string, PresenceShown>> {
    const at = this.#now()
    const states = await this.#store.get(users)
    const { clock } = this.#site
    return new Map([...states].map(([user, state]) => [user, shownOf(clock, state, at, this.#settings)]))
  }

  /** Those among these users who are there, looking offline or not. */
  async present(users: readonly string[]): Promise<ReadonlySet<string>> {
    const at = this.#now()
    const states = await this.#store.get(users)
    const here = [...states].filter(([, state]) => isPresent(state, at, this.#settings))
    return new Set(here.map(([user]) => user))
  }

  /** Tells those whom it concerns that these users are gone, as was found out from what is stored. */
  async gone(users: readonly string[]): Promise<void> {
    const timestamp = this.#site.clock.at(this.#now())
    await this.#publish(users.map((user) => ({ user, status: 'offline', timestamp })))
  }

  /** Nothing is known of the user any more, and nothing is written: there is none of that name. */
  async forget(user: string): Promise<void> {
    this.#dirty.delete(user)
    await this.#store.update(user, () => null)
  }

  start(): void {
    if (this.#timers.length > 0) return
    const { tick, flush } = this.#settings
    this.#restored = this.#orWarn('who was there before could not be read', () => this.#restore())
    this.#timers = [
      setInterval(() => void this.#orWarn('presence could not be told', () => this.tick()), tick).unref(),
      setInterval(() => void this.#flushOrWarn(), flush).unref(),
    ]
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
    await this.#restored
    await this.#flushOrWarn()
  }

  /** Looks at what time has changed, and tells what others do not know yet. */
  async tick(): Promise<void> {
    if (this.#ticking) return
    this.#ticking = true
    try {
      await this.typing.tick()
      await this.#tell(await this.#store.due(this.#now()))
    } finally {
      this.#ticking = false
    }
  }

  /** Writes what has changed since the last time; on failure it is kept for the next. */
  async flush(): Promise<void> {
    const dirty = this.#dirty
    if (dirty.size === 0) return
    this.#dirty = new Map()
    const at = this.#now()
    const typing = this.typing.rooms()
    const rows = [...dirty].map(([user, state]) => this.#rowOf(user, state, at, typing))
    try {
      await this.#site.asAdministrator((ctx) => writeActivity(ctx, rows))
    } catch (error) {
      this.#dirty = new Map([...dirty, ...this.#dirty])
      throw error
    }
    for (const [user, state] of dirty) {
      if (isAbsent(state)) await this.#store.update(user, (now) => (isAbsent(now) ? null : now))
    }
  }

  async #socket(type: 'open' | 'close', caller: Caller): Promise<void> {
    const { user, connection } = caller
    const device = this.#deviceOf(caller)
    if (!connection || device === undefined) return
    await this.#update(user, { type, device, socket: this.#socketId(connection) })
  }

  /** A socket whose page names no device is one of its own. */
  #deviceOf({ device, connection }: Caller): string | undefined {
    return device ?? (connection && this.#socketId(connection))
  }

  #socketId(connection: object): string {
    const id = this.#sockets.get(connection) ?? randomUUID()
    this.#sockets.set(connection, id)
    return id
  }

  async #update(user: string, event: PresenceEvent): Promise<Changed> {
    const at = this.#now()
    const changed = await this.#store.update(user, (state) => {
      const next = step(state, event, at, this.#settings)
      return state === ABSENT && isAbsent(next) ? null : next
    })
    if (changed.after !== ABSENT) this.#dirty.set(user, changed.after)
    return changed
  }

  async #tell(users: readonly string[]): Promise<void> {
    const told: Told[] = []
    const timestamp = this.#site.clock.at(this.#now())
    for (const user of users) {
      const { before, after } = await this.#update(user, { type: 'tell' })
      if (after.told !== null && after.told !== before.told)
        told.push({ user, status: after.told, timestamp })
    }
    try {
      await this.#publish(told)
    } catch (error) {
      for (const { user } of told) await this.#update(user, { type: 'unheard' })
      throw error
    }
  }

  async #publish(told: readonly Told[]): Promise<void> {
    if (told.length === 0) return
    await this.#site.read({ user: ADMINISTRATOR }, (ctx) => tellStatuses(ctx, told))
  }

  /** Who was there when the last process ended has as long to come back as somebody whose page is loaded again. */
  async #restore(): Promise<void> {
    const users = await this.#site.read({ user: ADMINISTRATOR }, readActivity)
    for (const { user, ...stored } of users) {
      await this.#update(user, { type: 'restore', stored: storedOf(this.#site.clock, stored) })
    }
  }

  #rowOf(user: string, state: UserPresence, at: number, typing: ReadonlyMap<string, string>): ActivityRow {
    return rowOf(user, state, shownOf(this.#site.clock, state, at, this.#settings), typing.get(user))
  }

  async #flushOrWarn(): Promise<void> {
    await this.#orWarn('presence could not be written; it will be tried again', () => this.flush())
  }

  async #orWarn(message: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#site.log.warn({ err: error }, message)
    }
  }
}

const presences = new WeakMap<Site, Presence>()

/**
 * The site's presence, in this process.
 * @param parts what it is made of, when it is asked for first
 */
export function presenceOf(site: Site, parts: PresenceParts = {}): Presence {
  const known = presences.get(site)
  if (known) return known
  const presence = new Presence(site, parts)
  presences.set(site, presence)
  followRooms(site, {
    stopTyping: (user, room) => presence.typing.stop(user, room),
    left: (user, room) => presence.left(user, room),
  })
  return presence
}
