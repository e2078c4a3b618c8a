import type { BusMessage } from './bus.ts'

/** What a unit of work wants to tell the world; kept until its transaction has committed, else dropped. */
export class Outbox {
  readonly messages: BusMessage[] = []
  readonly #actions: (() => void | Promise<void>)[] = []

  add(message: BusMessage): void {
    this.messages.push(message)
  }

  afterCommit(action: () => void | Promise<void>): void {
    this.#actions.push(action)
  }

  /** Publishes in order, then runs the actions. What fails now does not undo what was committed: it is reported. */
  async flush(
    publish: (messages: readonly BusMessage[]) => void,
    report: (error: unknown) => void,
  ): Promise<void> {
    try {
      if (this.messages.length > 0) publish(this.messages)
    } catch (error) {
      report(error)
    }
    for (const action of this.#actions) {
      try {
        await action()
      } catch (error) {
        report(error)
      }
    }
  }
}
