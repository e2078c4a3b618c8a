/** What has been used of an allowance, and how long until its window ends and counting begins anew. */
export interface Used {
  used: number
  /** Whole seconds, at least 1. */
  resetSeconds: number
}

/**
 * Counters that end by themselves: for tries, calls and seconds of work. One for all processes of a site where
 * they share a server for it; the embedded one counts within its process.
 */
export interface Limits {
  /**
   * Adds to a counter; its window begins with the first thing counted.
   * @param amount 0 only looks; a negative one gives back
   * @param seconds length of the window, the same at every call for a key
   */
  add(key: string, amount: number, seconds: number): Promise<Used>
  clear(key: string): Promise<void>
}

const MOST_KEYS = 100_000

/** The counters of one process. Keys come from outside: past a number of them those that end first are dropped. */
export class MemoryLimits implements Limits {
  readonly #counters = new Map<string, { used: number; ends: number }>()

  add(key: string, amount: number, seconds: number): Promise<Used> {
    const now = Date.now()
    let counter = this.#counters.get(key)
    if (!counter || counter.ends <= now) {
      counter = { used: 0, ends: now + seconds * 1000 }
      if (amount > 0) {
        this.#makeRoom(now)
        this.#counters.delete(key)
        this.#counters.set(key, counter)
      }
    }
    counter.used = Math.max(0, counter.used + amount)
    return Promise.resolve({
      used: counter.used,
      resetSeconds: Math.max(1, Math.ceil((counter.ends - now) / 1000)),
    })
  }

  clear(key: string): Promise<void> {
    this.#counters.delete(key)
    return Promise.resolve()
  }

  #makeRoom(now: number): void {
    if (this.#counters.size < MOST_KEYS) return
    for (const [key, { ends }] of this.#counters) if (ends <= now) this.#counters.delete(key)
    for (const key of this.#counters.keys()) {
      if (this.#counters.size < MOST_KEYS) return
      this.#counters.delete(key)
    }
  }
}
