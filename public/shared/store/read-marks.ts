import { DeskError } from '@f-chat/desk/client'

/** Read marks on their way to the server: per room one at a time, the highest last; kept until they arrived. */
export class ReadMarks {
  #send: (room: string, seq: number) => Promise<unknown>
  #wanted = new Map<string, number>()
  #busy = new Set<string>()

  constructor(send: (room: string, seq: number) => Promise<unknown>) {
    this.#send = send
  }

  mark(room: string, seq: number): void {
    this.#wanted.set(room, Math.max(seq, this.#wanted.get(room) ?? 0))
    void this.#drain(room)
  }

  /** Sends again what could not be delivered. */
  resume(): void {
    for (const room of this.#wanted.keys()) void this.#drain(room)
  }

  async #drain(room: string): Promise<void> {
    if (this.#busy.has(room)) return
    this.#busy.add(room)
    try {
      for (let seq = this.#wanted.get(room); seq !== undefined; seq = this.#wanted.get(room)) {
        await this.#send(room, seq)
        if (this.#wanted.get(room) === seq) this.#wanted.delete(room)
      }
    } catch (error) {
      // What the server refuses it would refuse again.
      if (error instanceof DeskError && !error.retryable) this.#wanted.delete(room)
    } finally {
      this.#busy.delete(room)
    }
  }
}
