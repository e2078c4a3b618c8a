import { asWire, num, str, type Wire } from './model.ts'
import { Refresher } from './refresher.ts'

export interface SyncPort {
  call(rooms: Record<string, number>): Promise<Wire>
  /** The change_seq to catch up from; null = the room is not held (any more). */
  changeSeq(room: string): number | null
  /** Takes in one room's answer; true = there is more to fetch. */
  apply(room: string, entry: unknown): boolean
  added(rooms: string[]): void
  removed(rooms: string[]): void
}

const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(str).filter(Boolean) : [])

/** Catches rooms up, one f_chat.sync at a time; rooms asked for meanwhile go with the next. */
export class Syncer {
  #port: SyncPort
  #wanted = new Map<string, number>()
  #round = new Refresher(() => this.#run())

  constructor(port: SyncPort) {
    this.#port = port
  }

  /** Resolves when the rooms, and all asked for meanwhile, are caught up. `since` reaches back further than held. */
  request(rooms: Iterable<string>, since = Infinity): Promise<void> {
    for (const room of rooms) this.#wanted.set(room, Math.min(since, this.#wanted.get(room) ?? Infinity))
    return this.#round.request()
  }

  async #run(): Promise<void> {
    while (this.#wanted.size > 0) {
      const rooms: Record<string, number> = {}
      for (const [room, since] of this.#wanted) {
        const held = this.#port.changeSeq(room)
        if (held !== null) rooms[room] = Math.min(since, held)
      }
      this.#wanted.clear()
      if (Object.keys(rooms).length === 0) return
      this.#take(await this.#port.call(rooms), rooms)
    }
  }

  #take(answer: Wire, asked: Record<string, number>): void {
    for (const [room, entry] of Object.entries(asWire(answer.rooms))) {
      const moved = num(asWire(entry).change_seq) > (asked[room] ?? 0)
      if (this.#port.apply(room, entry) && moved) this.#wanted.set(room, num(asWire(entry).change_seq))
    }
    this.#port.removed(names(answer.removed))
    this.#port.added(names(answer.added))
  }
}
