/** Something that speaks in rooms once it is over. */
export interface Speaker {
  readonly rooms: ReadonlySet<string>
}

/**
 * The order in which transactions speak. What they have to say they note down while they hold their locks, so that
 * the notes are in the order of the commits; but a database lets go of the locks before it answers COMMIT, and two
 * answers may overtake each other. So whoever has committed waits for those who noted something for the same room
 * before. They wait for earlier ones only, and after their own commit: nobody waits in a circle.
 */
export class Turns {
  readonly #running = new Map<Speaker, { over: Promise<void>; end: () => void }>()

  /** The speaker's place is that of its first note. */
  enter(speaker: Speaker): void {
    if (this.#running.has(speaker)) return
    let end = (): void => undefined
    const over = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#running.set(speaker, { over, end })
  }

  async wait(speaker: Speaker): Promise<void> {
    if (!this.#running.has(speaker)) return
    const earlier: Promise<void>[] = []
    for (const [other, { over }] of this.#running) {
      if (other === speaker) break
      if ([...speaker.rooms].some((room) => other.rooms.has(room))) earlier.push(over)
    }
    await Promise.all(earlier)
  }

  /** Has spoken, or never will. */
  leave(speaker: Speaker): void {
    this.#running.get(speaker)?.end()
    this.#running.delete(speaker)
  }
}
