import type { Body, TestSocket } from './server.ts'
import { overSocket } from './wire.ts'

/** What a client shows of a message. */
export interface ModelMessage {
  seq: number
  sender: string
  type: string
  content: string
  edited: boolean
  deleted: boolean
  /** Users by emoji. */
  reactions: Record<string, string[]>
  mentions: string[]
}

/** What a client knows of a room. */
export interface ModelRoom {
  change_seq: number
  messages: Map<string, ModelMessage>
  members: Map<string, { role: string; is_muted: boolean }>
  settings: Record<string, unknown>
  read: Map<string, number>
}

const SETTINGS = [
  ...['room_name', 'room_type', 'description', 'room_status', 'is_private', 'max_members'],
  ...['allow_file_sharing', 'auto_delete_messages_after_days'],
] as const

/**
 * A client as interfaces.md describes one: it takes an event in when its change_seq follows, ignores what it has, and
 * asks `f_chat.sync` where there is a gap. Nothing of the product's own client is in it.
 */
export class ModelClient {
  readonly rooms = new Map<string, ModelRoom>()
  #socket: TestSocket | undefined
  #taken = 0

  get connected(): boolean {
    return this.#socket !== undefined
  }

  connect(socket: TestSocket): void {
    this.#socket = socket
    this.#taken = 0
  }

  /** Whatever is on its way is lost. */
  disconnect(): void {
    this.#socket?.ws.terminate()
    this.#socket = undefined
  }

  /** Takes in what has arrived; syncs where that is not enough. */
  async catchUp(limit = 200): Promise<void> {
    for (;;) {
      const gap = this.#takeEvents()
      if (!gap) return
      await this.sync(limit)
    }
  }

  /** Asks until there is no more. */
  async sync(limit = 200): Promise<void> {
    for (let answers = 0; ; answers++) {
      if (answers > 1000) throw new Error('sync does not end')
      const socket = this.#socket
      if (!socket) throw new Error('not connected')
      const rooms = Object.fromEntries([...this.rooms].map(([name, { change_seq }]) => [name, change_seq]))
      const { status, message } = await overSocket(socket, 'f_chat.sync', { rooms, limit })
      if (status !== 200) throw new Error(JSON.stringify(message))
      if (!this.#takeSync(message)) return
    }
  }

  /** All that it shows of these rooms, in a form to compare. */
  state(rooms: readonly string[]): Record<string, unknown> {
    return Object.fromEntries(
      [...this.rooms]
        .filter(([name]) => rooms.includes(name))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, room]) => [
          name,
          {
            change_seq: room.change_seq,
            messages: [...room.messages].toSorted(([, a], [, b]) => a.seq - b.seq),
            members: [...room.members].toSorted(([a], [b]) => (a < b ? -1 : 1)),
            settings: room.settings,
            read: [...room.read].filter(([user]) => room.members.has(user)).toSorted(),
          },
        ]),
    )
  }

  /** @returns whether something was missed */
  #takeEvents(): boolean {
    let gap = false
    const frames = this.#socket?.frames ?? []
    for (const { event, message } of frames.slice(this.#taken)) gap = this.#take(event, message) || gap
    this.#taken = frames.length
    return gap
  }

  #take(event: string | undefined, message: Body): boolean {
    const room = this.rooms.get(message?.room_id)
    if (event === 'chat_new_room' || event === 'chat_room_joined') return true
    if (event === 'chat_room_left') {
      this.rooms.delete(message.room_id)
      return false
    }
    if (!room) return false
    if (event === 'room_read_status_changed') {
      room.read.set(message.user, Math.max(room.read.get(message.user) ?? 0, message.last_read_seq))
      return false
    }
    const apply = CHANGES[event ?? '']
    if (!apply || message.change_seq <= room.change_seq) return false
    if (message.change_seq !== room.change_seq + 1) return true
    apply(room, message)
    room.change_seq = message.change_seq
    return false
  }

  #takeSync({ rooms, added, removed }: Body): boolean {
    for (const name of removed as string[]) this.rooms.delete(name)
    for (const name of added as string[]) {
      this.rooms.set(name, {
        change_seq: 0,
        messages: new Map(),
        members: new Map(),
        settings: {},
        read: new Map(),
      })
    }
    let again = added.length > 0
    for (const [name, answer] of Object.entries<Body>(rooms)) {
      const room = this.rooms.get(name)
      if (!room) continue
      if (answer.reset) throw new Error('These histories are short: there is nothing to reset.')
      room.change_seq = answer.change_seq
      for (const message of answer.messages) room.messages.set(message.name, fromRow(message))
      for (const [user, seq] of Object.entries<number>(answer.read))
        room.read.set(user, Math.max(room.read.get(user) ?? 0, seq))
      if (answer.members) {
        room.members = new Map(
          answer.members.map(({ user, role, is_muted }: Body) => [user, { role, is_muted: is_muted === 1 }]),
        )
      }
      if (answer.room) room.settings = settingsOf(answer.room)
      again ||= answer.more
    }
    return again
  }
}

const settingsOf = (values: Body): Record<string, unknown> =>
  Object.fromEntries(SETTINGS.map((field) => [field, values[field]]))

const usersOf = (reactions: Body): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries<Body>(reactions).map(([emoji, { users }]) => [emoji, users.map(({ user }: Body) => user)]),
  )

function fromRow(row: Body): ModelMessage {
  return {
    seq: row.seq,
    sender: row.sender,
    type: row.message_type,
    content: row.message_content,
    edited: row.is_edited === 1 && row.is_deleted === 0,
    deleted: row.is_deleted === 1,
    reactions: usersOf(row.reactions),
    mentions: row.mentions,
  }
}

const CHANGES: Record<string, (room: ModelRoom, event: Body) => void> = {
  chat_new_message(room, event) {
    room.messages.set(event.message_id, {
      seq: event.seq,
      sender: event.sender,
      type: event.message_type,
      content: event.content,
      edited: false,
      deleted: false,
      reactions: {},
      mentions: event.mentions,
    })
  },
  chat_message_updated(room, event) {
    const held = room.messages.get(event.message_id)
    if (!held) return
    const deleted = event.action === 'deleted'
    Object.assign(held, {
      content: event.new_content,
      mentions: event.mentions,
      edited: !deleted,
      deleted,
      ...(deleted ? { reactions: {} } : {}),
    })
  },
  message_reaction_update(room, event) {
    const held = room.messages.get(event.message_id)
    if (held) held.reactions = usersOf(event.reactions)
  },
  chat_member_changed(room, { user, action, role, is_muted, last_read_seq }) {
    if (action === 'removed') {
      room.members.delete(user)
      room.read.delete(user)
      return
    }
    room.members.set(user, { role, is_muted: is_muted === 1 })
    if (action === 'added') room.read.set(user, last_read_seq)
  },
  chat_room_updated(room, { new_values }) {
    Object.assign(room.settings, new_values)
  },
}
