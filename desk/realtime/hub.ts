import type { Bus, BusMessage, EventMessage } from './bus.ts'

/** A live socket as the hub sees it. */
export interface Peer {
  readonly user: string
  /** Hash of the session's id. */
  readonly session: string | undefined
  /** What its device goes by: the page's own id, and that of its login. */
  readonly devices?: readonly string[]
  send(frame: string): void
  close(code: number, reason: string): void
}

/** Asked before each event of a channel whether this peer may still hear it. */
export type Guard = (message: unknown) => Promise<boolean>

/**
 * The sockets of this process and the channels they hear. An event's frame is built once and the same text goes to
 * every socket of its channel.
 */
export class Hub {
  readonly #channels = new Map<string, Set<Peer>>()
  readonly #joined = new Map<Peer, Set<string>>()
  readonly #users = new Map<string, Set<Peer>>()
  readonly #guards = new Map<Peer, Map<string, Guard>>()
  /** Joins and leaves that arrived while a peer's first channels were still being read. */
  readonly #opening = new Map<Peer, { type: 'join' | 'leave'; room: string }[]>()
  readonly #unsubscribe: () => void

  constructor(bus: Bus) {
    this.#unsubscribe = bus.subscribe((message) => {
      this.#receive(message)
    })
  }

  get size(): number {
    return this.#joined.size
  }

  /**
   * Takes a socket in. `channels` reads what it may hear; a membership that changes while that runs is applied
   * after it, so that nobody hears a room one event longer, or later, than they should.
   */
  async add<T extends { rooms: readonly string[] }>(peer: Peer, channels: () => Promise<T>): Promise<T> {
    const peers = this.#users.get(peer.user) ?? new Set()
    this.#users.set(peer.user, peers.add(peer))
    this.#joined.set(peer, new Set())
    this.#opening.set(peer, [])
    try {
      const opening = await channels()
      if (this.#joined.has(peer)) {
        for (const room of opening.rooms) this.join(peer, room)
        for (const { type, room } of this.#opening.get(peer) ?? []) this[type](peer, room)
      }
      return opening
    } finally {
      this.#opening.delete(peer)
    }
  }

  remove(peer: Peer): void {
    for (const room of this.#joined.get(peer) ?? []) this.#drop(peer, room)
    this.#joined.delete(peer)
    this.#guards.delete(peer)
    const peers = this.#users.get(peer.user)
    peers?.delete(peer)
    if (peers?.size === 0) this.#users.delete(peer.user)
  }

  join(peer: Peer, room: string): void {
    const joined = this.#joined.get(peer)
    if (!joined) return
    joined.add(room)
    const peers = this.#channels.get(room) ?? new Set()
    this.#channels.set(room, peers.add(peer))
  }

  leave(peer: Peer, room: string): void {
    this.#joined.get(peer)?.delete(room)
    this.#guards.get(peer)?.delete(room)
    this.#drop(peer, room)
  }

  /** Joins a channel each of whose events the peer hears only if `may` says so. */
  subscribe(peer: Peer, room: string, may: Guard): void {
    if (!this.#joined.has(peer)) return
    const guards = this.#guards.get(peer) ?? new Map<string, Guard>()
    this.#guards.set(peer, guards.set(room, may))
    this.join(peer, room)
  }

  /** How many guarded channels a peer hears. */
  subscriptions(peer: Peer): number {
    return this.#guards.get(peer)?.size ?? 0
  }

  /** Says goodbye to every socket. */
  closeSockets(code: number, reason: string): void {
    for (const peer of [...this.#joined.keys()]) peer.close(code, reason)
  }

  close(): void {
    this.#unsubscribe()
  }

  #drop(peer: Peer, room: string): void {
    const peers = this.#channels.get(room)
    peers?.delete(peer)
    if (peers?.size === 0) this.#channels.delete(room)
  }

  async #sendIf(peer: Peer, room: string, may: Promise<boolean>, frame: string): Promise<void> {
    // Who left while the question was open hears no more; a question that failed is a no.
    const answer = await may.catch(() => false)
    if (answer && this.#joined.get(peer)?.has(room)) peer.send(frame)
  }

  #sendTo({ room, also, event, message, except, device }: EventMessage): void {
    const rooms = also ? [room, ...also] : [room]
    const reached = new Set<Peer>()
    const asked: { peer: Peer; room: string; may: Guard; frame: string }[] = []
    for (const room of rooms) {
      const peers = this.#channels.get(room)
      if (!peers) continue
      const frame = JSON.stringify({ event, room, message })
      for (const peer of peers) {
        if (peer.user === except || reached.has(peer)) continue
        if (device !== undefined && !peer.devices?.includes(device)) continue
        const may = this.#guards.get(peer)?.get(room)
        if (may) {
          asked.push({ peer, room, may, frame })
          continue
        }
        reached.add(peer)
        peer.send(frame)
      }
    }
    for (const { peer, room, may, frame } of asked) {
      if (reached.has(peer)) continue
      reached.add(peer)
      void this.#sendIf(peer, room, may(message), frame)
    }
  }

  #receive(message: BusMessage): void {
    switch (message.type) {
      case 'event':
        this.#sendTo(message)
        return
      case 'join':
      case 'leave':
        for (const peer of message.users.flatMap((user) => [...(this.#users.get(user) ?? [])])) {
          const opening = this.#opening.get(peer)
          if (opening) opening.push({ type: message.type, room: message.room })
          else this[message.type](peer, message.room)
        }
        return
      case 'close': {
        const { target } = message
        const peers = 'user' in target ? (this.#users.get(target.user) ?? []) : this.#joined.keys()
        for (const peer of [...peers]) {
          if ('user' in target || peer.session === target.session) peer.close(message.code, message.reason)
        }
      }
    }
  }
}
