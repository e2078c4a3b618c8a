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
  /** Of the stored message; 0 before. */
  readonly seq: number
}

export interface OutboxPort {
  /** Stores the message, answers its seq; rejects with DeskError. Safe to repeat with the same client id. */
  send(pending: PendingSend): Promise<number>
  /** Whether the connection is there, so that a failure to reach the server is more than an outage. */
  connected(): boolean
  /** Whether nobody is logged in any more, so that trying is of no use until someone is. */
  loggedOut(): boolean
  /** Whether a message is older than what the page holds of its room, so that it will not show up. */
  isBefore(room: string, seq: number): boolean
  changed(): void
}

/** Where unsent messages outlive a reload of the page. */
export interface OutboxStorage {
  load(): PendingSend[]
  /** @returns false where nothing can be kept */
  save(unsent: readonly PendingSend[]): boolean
}

/** Messages on their way, in order: a room's next one leaves when the one before it is settled. */
export class Outbox {
  #port: OutboxPort
  #storage: OutboxStorage
  #pending: readonly PendingSend[]
  #kept = true
  #busy = new Set<string>()
  /** Connections so far: a try that began on an earlier one says nothing about this one. */
  #connections = 0

  constructor(port: OutboxPort, storage: OutboxStorage) {
    this.#port = port
    this.#storage = storage
    this.#pending = storage.load()
  }

  ofRoom(room: string): PendingSend[] {
    return this.#pending.filter((pending) => pending.room === room)
  }

  /** Whether a reload would lose a message. */
  get atRisk(): boolean {
    return !this.#kept
  }

  add(room: string, content: string): void {
    const pending: PendingSend = {
      clientId: uuid(),
      room,
      content,
      at: Date.now(),
      state: 'sending',
      error: '',
      seq: 0,
    }
    this.#set([...this.#pending, pending])
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
    this.#set(this.#pending.filter((pending) => pending.clientId !== clientId))
    this.#port.changed()
  }

  /** What the page holds of a room now, by event or sync: those messages need no stand-in, nor do older ones. */
  arrived(room: string, clientIds: ReadonlySet<string>): void {
    const left = this.#pending.filter(
      (pending) =>
        pending.room !== room ||
        !(
          clientIds.has(pending.clientId) ||
          (pending.state === 'sent' && this.#port.isBefore(room, pending.seq))
        ),
    )
    if (left.length !== this.#pending.length) this.#set(left)
  }

  /** Sends what waited for the connection. */
  resume(): void {
    this.#connections += 1
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
        if (this.#port.loggedOut()) this.#update(open.clientId, { state: 'waiting' })
        else await this.#send(open)
      }
    } finally {
      this.#busy.delete(room)
    }
  }

  async #send(pending: PendingSend): Promise<void> {
    const { clientId, room } = pending
    const connection = this.#connections
    try {
      const seq = await this.#port.send(pending)
      if (this.#port.isBefore(room, seq)) this.discard(clientId)
      else this.#update(clientId, { state: 'sent', seq })
    } catch (error) {
      const unreached = error instanceof DeskError && (error.status === 0 || error.status >= 502)
      if (this.#port.loggedOut() || (unreached && !this.#port.connected()))
        this.#update(clientId, { state: 'waiting' })
      else if (!unreached || connection === this.#connections)
        this.#update(clientId, { state: 'failed', error: messageOf(error) })
    }
  }

  #update(clientId: string, change: Partial<PendingSend>): void {
    this.#set(
      this.#pending.map((pending) => (pending.clientId === clientId ? { ...pending, ...change } : pending)),
    )
    this.#port.changed()
  }

  #set(pending: readonly PendingSend[]): void {
    this.#pending = pending
    this.#kept = this.#storage.save(pending.filter(({ state }) => state !== 'sent'))
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
