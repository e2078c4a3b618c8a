import type { Bus } from '../realtime/bus.ts'

/** How long a login may be believed where no message tells that it ended: another process may not share the bus. */
const LONGEST_MS = 900
const MOST_ENTRIES = 20_000

interface Known {
  /** What ends it: the hash of a session's id, or `api_key:<key>`. */
  readonly id: string
  readonly user: string
}

/**
 * Logins that were looked up within the last second, so that a busy session costs a SELECT a second and not one a
 * request. What ends a login closes its sockets (`ctx.closeSockets`), and the same message, sent after commit, drops
 * it here: at once in this process and in those that share the bus, after a second in any other.
 */
export class LoginCache {
  readonly #entries = new Map<string, { login: Known; until: number }>()
  readonly #unsubscribe: () => void
  /** Moves with everything that ends: what was being read meanwhile may be older than that, and is not kept. */
  #ended = 0

  constructor(bus: Bus) {
    this.#unsubscribe = bus.subscribe((message) => {
      if (message.type !== 'close') return
      const { target } = message
      this.forget('user' in target ? ({ user }) => user === target.user : ({ id }) => id === target.session)
    })
  }

  /** @param key a digest of what the caller showed; @param load is asked each time while it answers null */
  async get<T extends Known>(key: string, load: () => Promise<T | null>): Promise<T | null> {
    const found = this.#entries.get(key)
    if (found && found.until > Date.now()) return found.login as T
    const before = this.#ended
    const login = await load()
    this.#entries.delete(key)
    if (login && before === this.#ended) {
      if (this.#entries.size >= MOST_ENTRIES) this.#entries.clear()
      this.#entries.set(key, { login, until: Date.now() + LONGEST_MS })
    }
    return login
  }

  forget(which: (login: Known) => boolean = () => true): void {
    this.#ended += 1
    for (const [key, { login }] of this.#entries) if (which(login)) this.#entries.delete(key)
  }

  close(): void {
    this.#unsubscribe()
    this.#entries.clear()
  }
}
