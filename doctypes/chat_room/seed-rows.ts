import type { Context } from '@f-chat/desk'
import { directKey } from './direct.ts'
import { indexMessages, type IndexedMessage } from '../chat_message/search-index.ts'
import { rowsOf } from '../query.ts'

/** A room with its history, as a demo or a load test wants it. */
export interface RoomSeed {
  room_name: string
  room_type: 'Direct Message' | 'Group Chat' | 'Announcement'
  description?: string
  /** The first one made the room and is its Admin. */
  members: readonly SeedMember[]
  /** In order; the first is the System message that records the room's creation. */
  messages: readonly SeedMessage[]
}

export interface SeedMember {
  user: string
  role: 'Admin' | 'Moderator' | 'Member'
  /** Messages at the end that the member has not seen. */
  unseen: number
}

export interface SeedMessage {
  sender: string
  content: string
  /** In the site's time, as the database stores it. */
  at: string
}

type Row = Record<string, unknown>

/** The room's row: its counters stand where the last message left them. */
export function roomRow(name: string, { messages, members, ...room }: RoomSeed): Row {
  const [first] = messages
  const last = messages.at(-1)
  const creator = members[0]?.user
  return {
    ...standard(name, creator, first?.at),
    ...room,
    room_status: 'Active',
    created_by: creator,
    creation_date: first?.at,
    max_members: 50,
    allow_file_sharing: 1,
    last_seq: messages.length,
    change_seq: messages.length,
    members_change_seq: 1,
    settings_change_seq: 1,
    last_message_at: last?.at,
    last_change: last?.at,
    direct_key: room.room_type === 'Direct Message' ? directKey(members.map(({ user }) => user)) : null,
  }
}

/** The members' rows, each with what they have read and written since. */
export function memberRows(room: string, { members, messages }: RoomSeed): Row[] {
  const [first] = messages
  return members.map(({ user, role, unseen }, i) => {
    const read = Math.max(1, messages.length - unseen)
    return {
      ...standard(`${room}-${String(i + 1)}`, members[0]?.user, first?.at),
      idx: i + 1,
      parent: room,
      parenttype: 'Chat Room',
      parentfield: 'members',
      user,
      role,
      is_admin: role === 'Admin' ? 1 : 0,
      joined_date: first?.at,
      last_read_timestamp: messages[read - 1]?.at,
      last_read_seq: read,
      own_since_read: messages.slice(read).filter(({ sender }) => sender === user).length,
    }
  })
}

function standard(name: string, owner: string | undefined, at: string | undefined): Row {
  return { name, owner, modified_by: owner, creation: at, modified: at }
}

const MESSAGE_COLUMNS = [
  'name',
  'owner',
  'modified_by',
  'creation',
  'modified',
  'chat_room',
  'sender',
  'message_type',
  'timestamp',
  'message_content',
  'seq',
  'change_seq',
]
type StoredMessage = IndexedMessage & { sender: string }

const MESSAGES_PER_STATEMENT = 1000

/** Stores rooms with their messages, in batches; the caller's transaction holds them together. */
export async function storeRooms(ctx: Context, rooms: readonly RoomSeed[]): Promise<void> {
  const messages = rooms.reduce((sum, room) => sum + room.messages.length, 0)
  let next = await reserveNumbers(ctx, rooms.length + messages)
  const named = rooms.map((room) => ({ room, name: numbered('CR', next++) }))
  await ctx.db('tabChat Room').insert(named.map(({ room, name }) => roomRow(name, room)))
  await ctx.db('tabChat Room Member').insert(named.flatMap(({ room, name }) => memberRows(name, room)))
  const stored = named.flatMap(({ room, name }) =>
    room.messages.map(({ sender, content, at }, i): StoredMessage => ({
      name: numbered('MSG', next++),
      chat_room: name,
      seq: i + 1,
      sender,
      message_type: i === 0 ? 'System' : 'Text',
      timestamp: at,
      message_content: content,
    })),
  )
  for (let start = 0; start < stored.length; start += MESSAGES_PER_STATEMENT) {
    const part = stored.slice(start, start + MESSAGES_PER_STATEMENT)
    await insertMessages(ctx, part)
    await indexMessages(ctx, part)
  }
}

const numbered = (prefix: string, number: number): string => `${prefix}-${String(number).padStart(4, '0')}`

/** A plain statement: compiling one row by row would cost more than the insert itself. */
async function insertMessages(ctx: Context, messages: readonly StoredMessage[]): Promise<void> {
  const rows = messages.map(
    ({ name, chat_room, seq, sender, message_type: type, timestamp: at, message_content }) => [
      name,
      sender,
      sender,
      at,
      at,
      chat_room,
      sender,
      type,
      at,
      message_content,
      seq,
      seq,
    ],
  )
  const row = `(${MESSAGE_COLUMNS.map(() => '?').join()})`
  const columns = MESSAGE_COLUMNS.map((column) => `\`${column}\``).join()
  await ctx.db.raw(
    `insert into \`tabChat Message\` (${columns}) values ${rows.map(() => row).join()}`,
    rows.flat(),
  )
}

/** The first of `count` numbers of the series that all `format:` names share. */
async function reserveNumbers(ctx: Context, count: number): Promise<number> {
  const [row] = await rowsOf<{ current: number }>(
    ctx
      .db('tabSeries')
      .insert({ name: '', current: count })
      .onConflict('name')
      .merge({ current: ctx.db.raw('?? + ?', ['tabSeries.current', count]) })
      .returning('current'),
  )
  return (row?.current ?? count) - count + 1
}
