import { __, type DeskClient, type RealtimeProblem } from '@f-chat/desk/client'
import { Emitter } from './emitter.ts'
import { applyEvent, decodeEvent, ROOM_EVENTS, type RoomEvent } from './events.ts'
import { Heartbeat } from './heartbeat.ts'
import { asRows, asWire, type Message, messageFromRow, num, type Reader, str, type Wire } from './model.ts'
import { Outbox, type PendingSend } from './outbox.ts'
import { ReadMarks } from './read-marks.ts'
import { Refresher } from './refresher.ts'
import {
  applyRead,
  applySync,
  mergeHistory,
  type Room,
  roomFromRow,
  syncPageFrom,
  unreadCount,
} from './room.ts'
import { Syncer } from './syncer.ts'
import { unsentMessages } from './unsent.ts'

const ROOM_PAGE = 30
const HISTORY_PAGE = 40
const HISTORY_PAGE_MAX = 100

/** `online` before the first connection is made, too; `away` once it is lost, until all is caught up. */
export interface Connection {
  readonly state: 'online' | 'away'
  readonly problem: RealtimeProblem | null
  /** When the last outage was caught up, in ms; 0 = there was none. */
  readonly caughtUpAt: number
}

/**
 * What the page knows of the user's rooms, kept true by events and f_chat.sync. Components subscribe and read; they
 * change nothing but through its methods.
 */
export class ChatStore {
  readonly me: string
  readonly outbox: Outbox
  #client: DeskClient
  #reader: Reader
  #emitter = new Emitter()
  #syncer: Syncer
  #marks: ReadMarks
  #rooms = new Map<string, Room>()
  /** Unread counts of rooms whose rows are not loaded. */
  #unloaded = new Map<string, number>()
  /** The newest change_seq that the server told of each room, loaded or not. */
  #told = new Map<string, number>()
  /** Rooms of this user that a list was asked for once: what it does not bring is archived. */
  readonly #elsewhere = new Set<string>()
  #status = new Refresher(() => this.#loadStatus())
  #newest = new Refresher(() => this.#loadRoomPage(1))
  #page = 0
  #moreRooms = true
  #loadingRooms: Promise<void> | null = null
  #loadingHistory = new Map<string, Promise<void>>()
  #started = false
  #connection: Connection = { state: 'online', problem: null, caughtUpAt: 0 }

  constructor(client: DeskClient) {
    this.#client = client
    this.me = client.boot.user.name
    this.#reader = { me: this.me, timeZone: client.boot.time_zone.system }
    const port = {
      send: async ({ room, content, clientId }: PendingSend) => {
        const args = { room_id: room, message_content: content, client_id: clientId }
        const answer = await client.call<Wire>('f_chat.send_message', args)
        return num(asWire(answer.data).seq)
      },
      connected: () => client.realtime.state === 'open',
      loggedOut: () => client.realtime.problem === 'login',
      isBefore: (room: string, seq: number) => seq < (this.#rooms.get(room)?.from ?? 0),
      changed: () => this.#emitter.emit(),
    }
    this.outbox = new Outbox(port, unsentMessages(this.me))
    this.#marks = new ReadMarks((room, seq) =>
      client.call('f_chat.mark_room_as_read', { room_id: room, up_to_seq: seq }, { idempotent: true }),
    )
    this.#syncer = new Syncer({
      call: (rooms) => client.call('f_chat.sync', { rooms }, { idempotent: true }),
      changeSeq: (room) => this.#rooms.get(room)?.changeSeq ?? null,
      apply: (room, entry) => this.#applySync(room, entry),
      added: (rooms) => {
        const unheard = rooms.filter((room) => !this.#rooms.has(room) && !this.#elsewhere.has(room))
        if (this.#page === 0 || this.#moreRooms || unheard.length === 0) return
        for (const room of unheard) this.#elsewhere.add(room)
        this.#refresh()
      },
      removed: (rooms) => {
        for (const room of rooms) this.#rooms.delete(room)
        if (rooms.length > 0) this.#emitter.emit()
      },
    })
  }

  /** Connects, listens, and fetches the unread total as soon as nothing can be missed any more. */
  start(): void {
    if (this.#started) return
    this.#started = true
    const { realtime } = this.#client
    for (const name of ROOM_EVENTS) {
      realtime.on(name, (message) => this.#receive(decodeEvent(name, message, this.#reader)))
    }
    for (const name of ['chat_new_room', 'chat_room_joined']) realtime.on(name, () => this.#refresh())
    realtime.on('chat_room_left', (message) => this.#remove(str(asWire(message).room_id)))
    realtime.on('ready', (message) => void this.#ready(asWire(message)))
    realtime.onState((state) => {
      if (state !== 'waiting' && !realtime.problem) return
      // Where sockets do not get through, the unread total still does.
      if (this.#connection.state === 'online' && state === 'waiting') ignoreFailure(this.#status.request())
      this.#setConnection({ state: 'away', problem: realtime.problem })
    })
    new Heartbeat(this.#client, (moved) => this.#heal(moved)).start()
    globalThis.addEventListener('beforeunload', (event) => {
      if (this.outbox.atRisk) event.preventDefault()
    })
  }

  subscribe(listener: () => void): () => void {
    return this.#emitter.subscribe(listener)
  }

  get connection(): Connection {
    return this.#connection
  }

  /** The loaded rooms, newest message first. */
  get rooms(): Room[] {
    const at = (room: Room) => room.last?.at ?? room.createdAt
    return [...this.#rooms.values()].sort((a, b) => at(b) - at(a) || a.name.localeCompare(b.name))
  }

  get hasMoreRooms(): boolean {
    return this.#moreRooms
  }

  room(name: string): Room | undefined {
    return this.#rooms.get(name)
  }

  get totalUnread(): number {
    return sum([...this.#rooms.values()].map(unreadCount)) + sum([...this.#unloaded.values()])
  }

  get unreadRooms(): number {
    return [...this.#rooms.values()].filter((room) => unreadCount(room) > 0).length + this.#unloaded.size
  }

  /** Loads the next page of rooms, or the first; one at a time. Rejects with DeskError. */
  loadRooms(): Promise<void> {
    this.#loadingRooms ??= this.#loadRoomPage(this.#page + 1).finally(() => {
      this.#loadingRooms = null
    })
    return this.#loadingRooms
  }

  /** Loads rooms whose name matches, on top of those that are. */
  async searchRooms(search: string, signal: AbortSignal): Promise<void> {
    const args = { search, page_size: ROOM_PAGE }
    this.#takeRows(await this.#client.call('f_chat.get_user_chat_rooms', args, { signal, idempotent: true }))
  }

  /** Makes a room just created, or known by name only, present. */
  async ensureRoom(name: string): Promise<void> {
    if (!this.#rooms.has(name)) await this.#newest.request()
    while (!this.#rooms.has(name) && this.#moreRooms) await this.loadRooms()
    if (!this.#rooms.has(name)) throw new Error(__('The chat is there, but it is not in your list.'))
  }

  /** Loads a room's newest messages unless they are held, and its read marks. Rejects with DeskError. */
  openRoom(name: string): Promise<void> {
    const room = this.#rooms.get(name)
    if (!room) return Promise.resolve()
    if (room.from === null) return this.#history(name)
    this.#sync([name])
    return Promise.resolve()
  }

  /** Loads the page before the oldest message held. */
  loadOlder(name: string): Promise<void> {
    const from = this.#rooms.get(name)?.from
    return from && from > 1 ? this.#history(name) : Promise.resolve()
  }

  /** Marks a room as read up to `seq`: here at once, on the server as soon as it can be reached. */
  markRead(name: string, seq: number): void {
    const room = this.#rooms.get(name)
    if (!room || seq <= room.lastReadSeq) return
    this.#put(applyRead(room, this.me, seq, this.me))
    this.#marks.mark(name, seq)
  }

  send(room: string, content: string): void {
    this.outbox.add(room, content)
  }

  #receive(event: RoomEvent): void {
    if (event.kind !== 'read') this.#hear(event.room, event.changeSeq)
    const room = this.#rooms.get(event.room)
    if (!room) {
      this.#receiveUnloaded(event)
      return
    }
    const applied = applyEvent(room, event, this.me)
    if (applied.room !== room) this.#put(applied.room)
    if (applied.gap) this.#sync([event.room])
  }

  /** A room whose row is not here: the badge counts at once, and an opened list fetches the row. */
  #receiveUnloaded(event: RoomEvent): void {
    if (event.kind === 'message' && event.message.sender !== this.me) {
      this.#unloaded.set(event.room, (this.#unloaded.get(event.room) ?? 0) + 1)
      // An answer on its way may have been counted before this message, and would undo it.
      if (this.#status.running) ignoreFailure(this.#status.request())
      this.#emitter.emit()
    }
    if (event.kind === 'message' && this.#page > 0) this.#refresh()
    if (event.kind === 'read' && event.user === this.me) ignoreFailure(this.#status.request())
  }

  async #ready(message: Wire): Promise<void> {
    const wasAway = this.#connection.state === 'away'
    const rooms = asWire(message.rooms)
    if (Object.keys(rooms).length > 0) {
      for (const name of [...this.#rooms.keys()]) if (!(name in rooms)) this.#remove(name)
    }
    const { problem } = this.#client.realtime
    this.#told = new Map(Object.entries(rooms).map(([name, seq]) => [name, num(seq)]))
    // A room that stands lower than here was restored from a backup: it is asked about, too.
    const moved = [...this.#told].filter(([name, seq]) => seq !== (this.#rooms.get(name)?.changeSeq ?? seq))
    try {
      const work = [this.#syncer.request(moved.map(([name]) => name)), this.#status.request()]
      if (wasAway && this.#page > 0) work.push(this.#newest.request())
      await Promise.all(work)
    } catch {
      if (this.#client.realtime.state !== 'open') return
    }
    this.#marks.resume()
    this.outbox.resume()
    this.#setConnection({ state: 'online', problem, ...(wasAway && { caughtUpAt: Date.now() }) })
  }

  #hear(name: string, changeSeq: number): void {
    this.#told.set(name, Math.max(changeSeq, this.#told.get(name) ?? 0))
  }

  /** With each heartbeat: makes up for lost events, and for syncs and read marks that failed. */
  async #heal(moved: Wire): Promise<void> {
    for (const [name, seq] of Object.entries(moved)) this.#hear(name, num(seq))
    this.#marks.resume()
    await this.#syncer.request([...this.#rooms.values()].filter((room) => this.#isBehind(room)).map(nameOf))
  }

  #isBehind({ name, changeSeq }: Room): boolean {
    return changeSeq < (this.#told.get(name) ?? 0)
  }

  /** A sync that fails is made up for at the next `ready` or heartbeat. */
  #sync(rooms: string[], since?: number): void {
    ignoreFailure(this.#syncer.request(rooms, since))
  }

  #refresh(): void {
    ignoreFailure(this.#page > 0 ? this.#newest.request() : this.#status.request())
  }

  #applySync(name: string, entry: unknown): boolean {
    const room = this.#rooms.get(name)
    if (!room) return false
    const page = syncPageFrom(entry, (row) => messageFromRow(row, this.#reader))
    this.#put(applySync(room, page, this.me))
    if (page.reset && room.from !== null) ignoreFailure(this.#history(name))
    return page.more
  }

  /** One page of history: the newest when none is held, else the one before. */
  #history(name: string): Promise<void> {
    const running = this.#loadingHistory.get(name)
    if (running) return running
    const loading = this.#loadHistory(name).finally(() => this.#loadingHistory.delete(name))
    this.#loadingHistory.set(name, loading)
    return loading
  }

  async #loadHistory(name: string): Promise<void> {
    const room = this.#rooms.get(name)
    if (!room) return
    const unread = unreadCount(room)
    const size =
      room.from === null ? Math.min(HISTORY_PAGE_MAX, Math.max(HISTORY_PAGE, unread + 10)) : HISTORY_PAGE
    const args = {
      room_id: name,
      page_size: size,
      include_deleted: 1,
      ...(room.from !== null && { before_seq: room.from }),
    }
    const answer = await this.#client.call<Wire>('f_chat.get_chat_messages', args, { idempotent: true })
    const messages = asRows(asWire(answer.data).messages).map((row) => messageFromRow(row, this.#reader))
    const now = this.#rooms.get(name)
    if (!now) return
    this.#put(mergeHistory(now, messages, messages.length < size, this.me))
    // What changed while the page was on its way may have been left out for not being held: ask from before it.
    this.#sync([name], room.changeSeq)
  }

  async #loadRoomPage(page: number): Promise<void> {
    const args = { page, page_size: ROOM_PAGE }
    const answer = await this.#client.call<Wire>('f_chat.get_user_chat_rooms', args, { idempotent: true })
    const rows = this.#takeRows(answer)
    if (page > this.#page) {
      this.#page = page
      const { has_next: more } = asWire(asWire(answer.data).pagination)
      this.#moreRooms = typeof more === 'boolean' ? more : rows === ROOM_PAGE
      this.#emitter.emit()
    }
  }

  #takeRows(answer: Wire): number {
    const rows = asRows(asWire(answer.data).rooms)
    for (const row of rows) {
      const name = str(row.name)
      this.#unloaded.delete(name)
      this.#hear(name, num(row.change_seq))
      const room = roomFromRow(row, this.#reader, this.#rooms.get(name))
      this.#rooms.set(name, room)
      // The row may be older than an event that came before it, and what is held older than the row.
      if (this.#isBehind(room)) this.#sync([name])
    }
    this.#emitter.emit()
    return rows.length
  }

  async #loadStatus(): Promise<void> {
    const answer = await this.#client.call<Wire>('f_chat.get_user_chat_status', {}, { idempotent: true })
    const rooms = asRows(asWire(answer.data).rooms_with_unread)
    this.#unloaded = new Map(
      rooms
        .filter((row) => !this.#rooms.has(str(row.name)))
        .map((row) => [str(row.name), num(row.unread_count)]),
    )
    this.#emitter.emit()
  }

  #put(room: Room): void {
    this.#rooms.set(room.name, room.stale ? { ...room, stale: false } : room)
    this.outbox.arrived(room.name, ownClientIds(room, this.me))
    this.#emitter.emit()
    if (room.stale) this.#refresh()
  }

  #remove(name: string): void {
    this.#unloaded.delete(name)
    if (this.#rooms.delete(name)) this.#emitter.emit()
  }

  #setConnection(change: Partial<Connection>): void {
    this.#connection = { ...this.#connection, ...change }
    this.#emitter.emit()
  }
}

/** For work that a later `ready`, heartbeat or event makes up for. */
const ignoreFailure = (work: Promise<void>): void => void work.catch(() => undefined)

const nameOf = ({ name }: Room): string => name

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)

const ownClientIds = (room: Room, me: string): Set<string> =>
  new Set(room.messages.filter((m: Message) => m.sender === me && m.clientId).map((m) => m.clientId))
