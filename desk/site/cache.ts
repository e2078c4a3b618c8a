import type { Bus } from '../realtime/bus.ts'

/** How long a fact may be believed when no message says that it changed: another process may not share the bus. */
const LONGEST_MS = 1000
/** Of one topic; a site with more users than that at once reads some of them again. */
const MOST_ENTRIES = 20_000

interface Entry {
  value: Promise<unknown>
  until: number
}

/**
 * Facts that every request asks for and that change seldom: roles, permission rules. A topic is dropped when a
 * transaction that changed it has committed (`ctx.invalidate`), in every process of the bus, and after a second
 * in any case.
 */
export class SiteCache {
  readonly #topics = new Map<string, Map<string, Entry>>()
  readonly #unsubscribe: () => void

  constructor(bus: Bus) {
    this.#unsubscribe = bus.subscribe((message) => {
      if (message.type === 'invalidate') this.#topics.delete(message.topic)
    })
  }

  /** @param load reads what is committed: never from inside a transaction, which may see an older state */
  get<T>(topic: string, key: string, load: () => Promise<T>): Promise<T> {
    const now = Date.now()
    let entries = this.#topics.get(topic)
    if (!entries) this.#topics.set(topic, (entries = new Map<string, Entry>()))
    const found = entries.get(key)
    if (found && found.until > now) return found.value as Promise<T>
    // An entry belongs to the map of its topic: what was being read when the topic was dropped goes with that map.
    if (entries.size >= MOST_ENTRIES) entries.clear()
    const value = load()
    const entry = { value, until: now + LONGEST_MS }
    entries.set(key, entry)
    const owner = entries
    value.catch(() => {
      if (owner.get(key) === entry) owner.delete(key)
    })
    return value
  }

  close(): void {
    this.#unsubscribe()
    this.#topics.clear()
  }
}
