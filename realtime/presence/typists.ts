/** Who types where; `name` is what others call them. */
export interface Typist {
  user: string
  name: string
  room: string
}

interface Entry extends Typist {
  /** When others were last told that they type. */
  toldAt: number
  /** When they are taken to have stopped, unless they say that they go on; null where they have stopped. */
  until: number | null
}

/** Milliseconds. */
export interface TypingRules {
  /** Between two times that others are told of one user in one room. */
  pause: number
  /** After which somebody who says nothing more has stopped. */
  lasts: number
}

/** Who is typing, as far as this process was told. Times are given. */
export class Typists {
  readonly #rules: TypingRules
  readonly #entries = new Map<string, Entry>()

  constructor(rules: TypingRules) {
    this.#rules = rules
  }

  /** @returns whether others are to be told */
  typing(typist: Typist, at: number): boolean {
    const { pause, lasts } = this.#rules
    const entry = this.#entries.get(keyOf(typist))
    const tell = !entry || at >= entry.toldAt + pause
    // Who stopped a moment ago and goes on is told of with their next word: others hear of nobody more often.
    if (!tell && entry.until === null) return false
    this.#entries.set(keyOf(typist), { ...typist, toldAt: tell ? at : entry.toldAt, until: at + lasts })
    return tell
  }

  /** @returns whom others are to be told of; undefined where they know of nobody who types */
  stopped(user: string, room: string): Typist | undefined {
    const entry = this.#entries.get(keyOf({ user, room }))
    if (entry?.until === undefined || entry.until === null) return undefined
    entry.until = null
    return entry
  }

  /** Those who have said nothing more for too long: others are to be told of them. */
  expired(at: number): Typist[] {
    const over: Typist[] = []
    for (const [key, entry] of this.#entries) {
      if (entry.until !== null && at >= entry.until) {
        entry.until = null
        over.push(entry)
      }
      if (entry.until === null && at >= entry.toldAt + this.#rules.pause) this.#entries.delete(key)
    }
    return over
  }

  /** The rooms that these users type in; of several of one user the newest. */
  rooms(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#entries.values()]
        .filter(({ until }) => until !== null)
        .toSorted((a, b) => a.toldAt - b.toldAt)
        .map(({ user, room }) => [user, room]),
    )
  }
}

const keyOf = ({ user, room }: { user: string; room: string }): string => `${room}\n${user}`
