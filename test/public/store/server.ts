import { asWire, type Wire } from '../../../public/shared/store/model.ts'

export const ME = 'me@example.com'
export const ASHA = 'asha@example.com'
export const reader = { me: ME, timeZone: 'UTC' }

interface Row {
  name: string
  seq: number
  change_seq: number
  sender: string
  message_content: string
  is_deleted: 0 | 1
  is_edited: 0 | 1
  client_id: string
}

export interface Event {
  name:
    | 'chat_new_message'
    | 'chat_message_updated'
    | 'chat_member_changed'
    | 'chat_room_updated'
    | 'room_read_status_changed'
  message: Wire
}

const stamp = (seq: number): string => `2026-01-01 00:00:${String(seq % 60).padStart(2, '0')}.000000`

/** One room as the contract describes it: what a real server would answer and publish, kept in memory. */
export class ServerRoom {
  readonly name = 'CR-0001'
  changeSeq = 0
  lastReadSeq = 0
  members = 2
  title = 'Warehouse'
  readonly rows: Row[] = []
  readonly events: Event[] = []

  get ownSinceRead(): number {
    return this.rows.filter((row) => row.sender === ME && row.seq > this.lastReadSeq).length
  }

  get unread(): number {
    return this.rows.length - this.lastReadSeq - this.ownSinceRead
  }

  post(sender: string): void {
    const seq = this.rows.length + 1
    const change_seq = ++this.changeSeq
    const row = {
      name: `MSG-${seq}`,
      seq,
      change_seq,
      sender,
      message_content: `text ${seq}`,
      client_id: `c-${seq}`,
    }
    this.rows.push({ ...row, is_deleted: 0, is_edited: 0 })
    const { name: message_id, message_content: content, client_id } = row
    const timestamp = stamp(seq)
    this.#publish('chat_new_message', {
      message_id,
      sender,
      content,
      seq,
      client_id,
      timestamp,
      change_seq,
      message_type: 'Text',
    })
  }

  edit(index: number, action: 'edited' | 'deleted'): void {
    const row = this.rows[index % Math.max(1, this.rows.length)]
    if (!row || row.is_deleted) return
    row.change_seq = ++this.changeSeq
    row.message_content = action === 'deleted' ? 'This message was deleted' : `edited at ${row.change_seq}`
    if (action === 'deleted') row.is_deleted = 1
    else row.is_edited = 1
    const { name: message_id, change_seq, message_content: new_content, seq } = row
    this.#publish('chat_message_updated', { message_id, action, new_content, seq, change_seq })
  }

  addMember(): void {
    this.members += 1
    this.#publish('chat_member_changed', {
      user: 'new@example.com',
      action: 'added',
      change_seq: ++this.changeSeq,
    })
  }

  rename(): void {
    const change_seq = ++this.changeSeq
    this.title = `Warehouse ${change_seq}`
    this.#publish('chat_room_updated', {
      action: 'settings',
      new_values: { room_name: this.title },
      change_seq,
    })
  }

  read(seq: number): void {
    if (seq <= this.lastReadSeq || seq > this.rows.length) return
    this.lastReadSeq = seq
    this.#publish('room_read_status_changed', { user: ME, last_read_seq: seq })
  }

  row(): Wire {
    const last = this.rows.at(-1)
    return {
      name: this.name,
      room_name: this.title,
      room_type: 'Group Chat',
      user_role: 'Member',
      member_count: this.members,
      creation: stamp(0),
      last_message: last?.message_content ?? null,
      last_message_time: last ? stamp(last.seq) : null,
      last_message_sender: last?.sender ?? null,
      last_seq: this.rows.length,
      last_read_seq: this.lastReadSeq,
      own_since_read: this.ownSinceRead,
      change_seq: this.changeSeq,
    }
  }

  history(): Wire[] {
    return this.rows.map((row) => this.#wire(row)).reverse()
  }

  /** f_chat.sync for this room; `limit` messages a page, in the order of their changes. */
  sync(since: number, limit = 200): Wire {
    const changed = this.rows
      .filter((row) => row.change_seq > since)
      .sort((a, b) => a.change_seq - b.change_seq)
    const page = changed.slice(0, limit)
    const more = changed.length > limit
    return {
      change_seq: more ? (page.at(-1)?.change_seq ?? since) : this.changeSeq,
      messages: page.map((row) => this.#wire(row)),
      read: { [ME]: this.lastReadSeq },
      members: Array.from({ length: this.members }, (_, index) => ({
        user: index === 0 ? ME : `u${index}`,
        role: 'Member',
      })),
      room: { room_name: this.title },
      more,
      reset: false,
    }
  }

  #wire(row: Row): Wire {
    return {
      ...row,
      message_type: 'Text',
      timestamp: stamp(row.seq),
      sender_info: { full_name: row.sender },
      attachments: [],
    }
  }

  #publish(name: Event['name'], payload: Wire): void {
    this.events.push({ name, message: asWire({ room_id: this.name, ...payload }) })
  }
}
