import type { DeskClient } from '@f-chat/desk/client'
import { asWire, num, type Wire } from './model.ts'

const DEFAULT_SECONDS = 30
const RECENTLY_MS = 5 * 60_000

/**
 * Says that someone is there, every `heartbeat_seconds` of the ready frame, while the page is visible or was within
 * five minutes. The answer tells the rooms that moved, which heals an event that was lost.
 */
export class Heartbeat {
  #client: DeskClient
  #onRooms: (rooms: Wire) => Promise<void>
  #seconds = DEFAULT_SECONDS
  #seenAt = Date.now()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(client: DeskClient, onRooms: (rooms: Wire) => Promise<void>) {
    this.#client = client
    this.#onRooms = onRooms
  }

  start(): void {
    this.#client.realtime.on('ready', (message) => {
      this.#seconds = num(asWire(message).heartbeat_seconds) || DEFAULT_SECONDS
      this.#plan()
    })
    this.#client.realtime.onState((state) => {
      if (state !== 'open') clearTimeout(this.#timer)
    })
    document.addEventListener('visibilitychange', () => {
      this.#seenAt = Date.now()
      if (document.visibilityState === 'visible') void this.#beat()
    })
  }

  #plan(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#beat(), this.#seconds * 1000)
  }

  async #beat(): Promise<void> {
    if (document.visibilityState === 'visible') this.#seenAt = Date.now()
    const present = Date.now() - this.#seenAt < RECENTLY_MS
    if (this.#client.realtime.state !== 'open' || !present) return
    this.#plan()
    try {
      const answer = await this.#client.call<Wire>('f_chat.heartbeat')
      await this.#onRooms(asWire(answer.rooms))
    } catch {
      return
    }
  }
}
