import type { BusMessage } from './bus.ts'
import type { Turns } from './turns.ts'

/** What a unit of work wants to tell the world; kept until its transaction has committed, else dropped. */
export class Outbox {
  readonly messages: BusMessage[] = []
  /** The rooms that it speaks in, or moves users in or out of. */
  readonly rooms = new Set<string>()
  readonly #turns: Turns | undefined
  readonly #notices = new Map<string, BusMessage>()
  readonly #actions: (() => void | Promise<void>)[] = []
  readonly #undo: (() => void | Promise<void>)[] = []

  constructor(turns?: Turns) {
    this.#turns = turns
  }

  /** In the order of the commits, as far as others speak in the same room. */
  add(message: BusMessage): void {
    this.messages.push(message)
    if (!('room' in message) || !this.#turns) return
    this.rooms.add(message.room)
    if ('also' in message) for (const room of message.also ?? []) this.rooms.add(room)
    this.#turns.enter(this)
  }

  /** Something whose order among other transactions' means nothing; of several under one key the last is sent. */
  notice(key: string, message: BusMessage): void {
    this.#notices.delete(key)
    this.#notices.set(key, message)
  }

  afterCommit(action: () => void | Promise<void>): void {
    this.#actions.push(action)
  }

  /** What was done to the outside world before the commit, and is undone where there will be none. */
  afterRollback(action: () => void | Promise<void>): void {
    this.#undo.push(action)
  }

  /** @returns what drops everything that was added since, where a part of the work has failed by itself */
  mark(): () => void {
    const [messages, actions] = [this.messages.length, this.#actions.length]
    const notices = new Map(this.#notices)
    return () => {
      this.messages.length = messages
      this.#actions.length = actions
      this.#notices.clear()
      for (const [key, message] of notices) this.#notices.set(key, message)
    }
  }

  /** The work was rolled back, or is about to be done again: undoes the last step first. */
  async undo(report: (error: unknown) => void): Promise<void> {
    for (const action of this.#undo.splice(0).reverse()) {
      try {
        await action()
      } catch (error) {
        report(error)
      }
    }
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
    this.#undo.length = 0
    await this.#turns?.wait(this)
    try {
      const all = this.#notices.size > 0 ? [...this.messages, ...this.#notices.values()] : this.messages
      if (all.length > 0) publish(all)
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
