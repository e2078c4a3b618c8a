import {
  asRows,
  asWire,
  instant,
  type Message,
  num,
  type Peer,
  type Preview,
  type Reader,
  str,
  type Wire,
} from './model.ts'

/**
 * One room as this page knows it. `messages` is what it holds of the history: everything from `from` on, oldest
 * first; `from` null = nothing is held, and only the row is kept up to date.
 */
export interface Room {
  readonly name: string
  readonly title: string
  readonly type: string
  readonly status: string
  readonly role: string
  readonly muted: boolean
  readonly memberCount: number
  readonly createdAt: number
  readonly peer: Peer | null
  readonly last: Preview | null
  readonly lastSeq: number
  readonly changeSeq: number
  readonly lastReadSeq: number
  readonly own: OwnCount
  /** Other members' read marks, where known. */
  readonly read: Readonly<Record<string, number>>
  readonly from: number | null
  readonly messages: readonly Message[]
  /** Something happened that only a new row can tell exactly. */
  readonly stale: boolean
}

/**
 * Own messages after the read mark: the server's `count` for those up to `upTo`, and the sequence numbers of those
 * after it that were seen here. A set, so that an event and a sync that tell the same message count it once.
 */
export interface OwnCount {
  readonly upTo: number
  readonly count: number
  readonly after: readonly number[]
}

/** `own_since_read`: how many of one's own messages stand after the read mark. */
export const ownSinceRead = ({ own }: Room): number => own.count + own.after.length

/** Unread messages: `last_seq − last_read_seq − own_since_read`, by arithmetic alone. */
export const unreadCount = (room: Room): number =>
  Math.max(0, room.lastSeq - room.lastReadSeq - ownSinceRead(room))

function peerFrom(value: unknown): Peer | null {
  const peer = asWire(value)
  const user = str(peer.user)
  return user ? { user, full_name: str(peer.full_name) || user, user_image: str(peer.user_image) } : null
}

/** A row of get_user_chat_rooms. What the page already holds newer than the row stays. */
export function roomFromRow(row: Wire, reader: Reader, held?: Room): Room {
  const lastSeq = num(row.last_seq)
  const changeSeq = num(row.change_seq)
  const lastReadSeq = num(row.last_read_seq)
  const at = instant(row.last_message_time, reader.timeZone)
  const sender = str(row.last_message_sender)
  const last: Preview | null = at
    ? {
        seq: lastSeq,
        sender,
        senderName: str(row.last_message_sender_name),
        type: str(row.last_message_type) || 'Text',
        content: str(row.last_message),
        at,
      }
    : null
  const fresh: Room = {
    name: str(row.name),
    title: str(row.room_name),
    type: str(row.room_type),
    status: str(row.room_status) || 'Active',
    role: str(row.user_role) || 'Member',
    muted: num(row.is_muted) === 1,
    memberCount: num(row.member_count),
    createdAt: instant(row.creation, reader.timeZone),
    peer: peerFrom(row.peer),
    last,
    lastSeq,
    changeSeq,
    lastReadSeq,
    own: { upTo: lastSeq, count: num(row.own_since_read), after: [] },
    read: {},
    from: null,
    messages: [],
    stale: false,
  }
  if (!held) return fresh
  if (held.changeSeq > changeSeq || held.lastSeq > lastSeq || held.lastReadSeq > lastReadSeq) {
    return { ...held, stale: false }
  }
  const { read, from, messages } = held
  // The row's change_seq must not hide a gap in the messages held: those catch up by sync.
  return { ...fresh, read, from, messages, changeSeq: from === null ? changeSeq : held.changeSeq }
}

/** Moves the read mark of `user`, never backwards. */
export function applyRead(room: Room, user: string, seq: number, me: string): Room {
  if (user !== me) {
    return seq > (room.read[user] ?? 0) ? { ...room, read: { ...room.read, [user]: seq } } : room
  }
  if (seq <= room.lastReadSeq) return room
  const after = room.own.after.filter((own) => own > seq)
  const moved = { ...room, lastReadSeq: seq }
  if (seq >= room.own.upTo) return { ...moved, own: { upTo: seq, count: 0, after } }
  if (room.own.count === 0) return { ...moved, own: { ...room.own, after } }
  const { upTo } = room.own
  if (room.from === null || room.from > seq + 1) return { ...moved, stale: true }
  const count = room.messages.filter((m) => m.seq > seq && m.seq <= upTo && m.sender === me).length
  return { ...moved, own: { upTo, count, after } }
}

/** The place of `seq` in messages sorted by it: its index, or where it belongs. */
function indexOfSeq(messages: readonly Message[], seq: number): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((messages[middle]?.seq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return low
}

const preview = (message: Message): Preview => ({
  seq: message.seq,
  sender: message.sender,
  senderName: message.senderName,
  type: message.type,
  content: message.content,
  at: message.at,
})

/** Takes in a message's state unless a newer one is held: into the row, the own count, and the history held. */
export function mergeMessage(room: Room, message: Message, me: string): Room {
  const { seq } = message
  const index = indexOfSeq(room.messages, seq)
  const held = room.messages[index]?.seq === seq ? room.messages[index] : undefined
  if (held && held.changeSeq > message.changeSeq) return room
  let { own, messages } = room
  const uncounted = seq > own.upTo && seq > room.lastReadSeq && !own.after.includes(seq)
  if (message.sender === me && uncounted) own = { ...own, after: [...own.after, seq] }
  if (room.from !== null && seq >= room.from) {
    const known = held && !message.senderImage ? { ...message, senderImage: held.senderImage } : message
    messages = [...messages.slice(0, index), known, ...messages.slice(held ? index + 1 : index)]
  }
  const newest = !room.last || seq >= room.last.seq
  return {
    ...room,
    own,
    messages,
    lastSeq: Math.max(room.lastSeq, seq),
    last: newest ? preview(message) : room.last,
  }
}

/** Takes in a page of history (any order) that reaches down to its oldest message, or to the beginning. */
export function mergeHistory(room: Room, page: readonly Message[], reachesStart: boolean, me: string): Room {
  const oldest = page.reduce((seq, message) => Math.min(seq, message.seq), room.from ?? Infinity)
  const from = reachesStart ? 1 : Number.isFinite(oldest) ? oldest : 1
  return page.reduce<Room>((state, message) => mergeMessage(state, message, me), { ...room, from })
}

/** One room's part of an f_chat.sync answer. */
export interface SyncPage {
  readonly changeSeq: number
  readonly messages: readonly Message[]
  readonly read: Readonly<Record<string, number>>
  readonly room: Wire
  readonly members: readonly Wire[] | null
  readonly more: boolean
  readonly reset: boolean
}

/** Takes in a sync answer. After `reset` nothing is held any more: the newest page and the row must be loaded again. */
export function applySync(room: Room, page: SyncPage, me: string): Room {
  let next = page.reset ? dropHeld(room, page.changeSeq) : room
  for (const message of page.messages) next = mergeMessage(next, message, me)
  next = applyMembers(applyValues(next, page.room), page.members, me)
  for (const [user, seq] of Object.entries(page.read)) next = applyRead(next, user, seq, me)
  return { ...next, changeSeq: Math.max(next.changeSeq, page.changeSeq) }
}

function dropHeld(room: Room, changeSeq: number): Room {
  const dropped = { ...room, from: null, messages: [], stale: true, changeSeq }
  if (changeSeq >= room.changeSeq) return dropped
  // The site was restored from a backup: it never heard of what was counted here since.
  return {
    ...dropped,
    last: null,
    lastSeq: 0,
    lastReadSeq: 0,
    own: { upTo: 0, count: 0, after: [] },
    read: {},
  }
}

/** A room's changed fields, from sync or `chat_room_updated`. A Direct Message keeps the other member's name. */
export function applyValues(room: Room, values: Wire): Room {
  return {
    ...room,
    title: (!room.peer && str(values.room_name)) || room.title,
    type: str(values.room_type) || room.type,
    status: str(values.room_status) || room.status,
  }
}

function applyMembers(room: Room, members: readonly Wire[] | null, me: string): Room {
  if (!members) return room
  const self = members.find((member) => member.user === me)
  return {
    ...room,
    memberCount: members.length,
    role: str(self?.role) || room.role,
    muted: self ? num(self.is_muted) === 1 : room.muted,
  }
}

/** One room's entry of an f_chat.sync answer, off the wire. */
export function syncPageFrom(value: unknown, toMessage: (row: Wire) => Message): SyncPage {
  const entry = asWire(value)
  const read = Object.entries(asWire(entry.read)).map(([user, seq]) => [user, num(seq)] as const)
  return {
    changeSeq: num(entry.change_seq),
    messages: asRows(entry.messages).map(toMessage),
    read: Object.fromEntries(read),
    room: asWire(entry.room),
    members: Array.isArray(entry.members) ? asRows(entry.members) : null,
    more: entry.more === true || entry.more === 1,
    reset: entry.reset === true || entry.reset === 1,
  }
}
