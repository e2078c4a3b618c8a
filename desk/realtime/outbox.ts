import type { BusMessage } from './bus.ts'
import type { Turns } from './turns.ts'

/** What a unit of work wants to tell the world; kept until its transaction has committed, else dropped. */
export class Outbox {
  readonly messages: BusMessage[] = []
  /** The rooms that it speaks in, or moves users in or out of. */
  readonly rooms = new Set<string>()
  readonly #turns: Turns | undefined
  readonly #actions: (() => void | Promise<void>)[] = []

  constructor(turns?: Turns) {
    this.#turns = turns
  }

  /** In the order of the commits, as far as others speak in the same room. */
  add(message: BusMessage): void {
    this.messages.push(message)
    if (!('room' in message) || !this.#turns) return
    this.rooms.add(message.room)
    this.#turns.enter(this)
  }

  /** After commit, and no later than that: a notice whose order among others' means nothing. */
  notice(message: BusMessage): void {
    this.messages.push(message)
  }

  afterCommit(action: () => void | Promise<void>): void {
    this.#actions.push(action)
  }

  /** Nothing will be published (any more): later ones need not wait. */
  close(): void {
    this.#turns?.leave(this)
  }

  /** Publishes in order, then runs the actions. What fails now does not undo what was committed: it is reported. */
  async flush(
    publish: (messages: readonly BusMessage[]) => void,
    report: (error: unknown) => void,
  ): Promise<void> {
    await this.#turns?.wait(this)
    try {
      if (this.messages.length > 0) publish(this.messages)
    } catch (error) {
      report(error)
    }
    // Before the actions, which may be transactions of their own.
    this.close()
    for (const action of this.#actions) {
      try {
        await action()
      } catch (error) {
        report(error)
      }
    }
  }
}
