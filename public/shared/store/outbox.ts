import { DeskError, uuid } from '@f-chat/desk/client'

/** A message on its way. `waiting` = no connection, goes out by itself; `sent` = stored, its event is awaited. */
export interface PendingSend {
  readonly clientId: string
  readonly room: string
  readonly content: string
  readonly at: number
  readonly state: 'sending' | 'waiting' | 'sent' | 'failed'
  /** Why it failed, in the server's words. */
  readonly error: string
}

export interface OutboxPort {
  /** Stores the message; rejects with DeskError. Safe to repeat with the same client id. */
  send(pending: PendingSend): Promise<void>
  /** Whether the connection is there, so that a failure to reach the server is more than an outage. */
  connected(): boolean
  changed(): void
}

/** Messages on their way, in order: a room's next one leaves when the one before it is settled. */
export class Outbox {
  #port: OutboxPort
  #pending: readonly PendingSend[] = []
  #busy = new Set<string>()

  constructor(port: OutboxPort) {
    this.#port = port
  }

  ofRoom(room: string): PendingSend[] {
    return this.#pending.filter((pending) => pending.room === room)
  }

  add(room: string, content: string): void {
    const pending: PendingSend = {
      clientId: uuid(),
      room,
      content,
      at: Date.now(),
      state: 'sending',
      error: '',
    }
    this.#pending = [...this.#pending, pending]
    this.#port.changed()
    void this.#drain(room)
  }

  retry(clientId: string): void {
    const room = this.#pending.find((pending) => pending.clientId === clientId)?.room
    if (room === undefined) return
    this.#update(clientId, { state: 'sending', error: '' })
    void this.#drain(room)
  }

  discard(clientId: string): void {
    this.#pending = this.#pending.filter((pending) => pending.clientId !== clientId)
    this.#port.changed()
  }

  /** The message itself arrived, by event or sync: its stand-in goes. */
  arrived(clientIds: ReadonlySet<string>): void {
    const left = this.#pending.filter((pending) => !clientIds.has(pending.clientId))
    if (left.length !== this.#pending.length) this.#pending = left
  }

  /** Sends what waited for the connection. */
  resume(): void {
    for (const { clientId, state } of this.#pending) {
      if (state === 'waiting') this.#update(clientId, { state: 'sending' })
    }
    for (const room of new Set(this.#pending.map((pending) => pending.room))) void this.#drain(room)
  }

  async #drain(room: string): Promise<void> {
    if (this.#busy.has(room)) return
    this.#busy.add(room)
    try {
      for (;;) {
        const open = this.ofRoom(room).find(({ state }) => state === 'sending' || state === 'waiting')
        if (open?.state !== 'sending') return
        await this.#send(open)
      }
    } finally {
      this.#busy.delete(room)
    }
  }

  async #send(pending: PendingSend): Promise<void> {
    try {
      await this.#port.send(pending)
      this.#update(pending.clientId, { state: 'sent' })
    } catch (error) {
      const outage = error instanceof DeskError && error.status === 0 && !this.#port.connected()
      const message = error instanceof Error ? error.message : String(error)
      this.#update(pending.clientId, outage ? { state: 'waiting' } : { state: 'failed', error: message })
    }
  }

  #update(clientId: string, change: Partial<PendingSend>): void {
    this.#pending = this.#pending.map((pending) =>
      pending.clientId === clientId ? { ...pending, ...change } : pending,
    )
    this.#port.changed()
  }
}
