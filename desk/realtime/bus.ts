/** An event for the sockets of a channel. */
export interface EventMessage {
  type: 'event'
  room: string
  /** Further channels: a socket that hears several of them gets the event once, by one where nobody need be asked first. */
  also?: readonly string[]
  /** A user whose sockets do not get it. */
  except?: string
  /** Of the channel's sockets only those of this device. */
  device?: string
  event: string
  message: unknown
}

/** What travels between the processes of a site. */
export type BusMessage =
  | EventMessage
  | { type: 'join' | 'leave'; users: string[]; room: string }
  | { type: 'close'; target: { session: string } | { user: string }; code: number; reason: string }
  /** A cached fact has changed (SiteCache). */
  | { type: 'invalidate'; topic: string }

/** Carries messages to every process that has sockets, in the order of one publisher. */
export interface Bus {
  publish(messages: readonly BusMessage[]): void
  subscribe(listener: (message: BusMessage) => void): () => void
  close(): Promise<void>
}

/** The bus of a site that one process serves. */
export class MemoryBus implements Bus {
  readonly #listeners = new Set<(message: BusMessage) => void>()

  publish(messages: readonly BusMessage[]): void {
    for (const message of messages) for (const listener of this.#listeners) listener(message)
  }

  subscribe(listener: (message: BusMessage) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): Promise<void> {
    this.#listeners.clear()
    return Promise.resolve()
  }
}
