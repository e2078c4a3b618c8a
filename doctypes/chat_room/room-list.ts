import type { Context } from '@f-chat/desk'
import { containing, rowsOf, type Query } from '../query.ts'
import { unreadMentions } from '../chat_message/mentions.ts'
import type { Wish } from '../chat_message/notify.ts'
import { unreadCount, type ReadPosition } from '../chat_message/unread.ts'
import { memberRooms } from './membership.ts'
import { nameFor, peersOf, type Peer } from './peers.ts'

export interface RoomListQuery {
  limit: number
  offset: number
  roomType?: string | undefined
  search?: string | undefined
}

/** A row of the caller's room list. */
export interface RoomRow extends ReadPosition {
  name: string
  room_name: string
  room_type: string
  description: string | null
  is_private: number
  creation: string
  user_role: string
  is_admin: number
  is_muted: number
  room_status: string
  last_read_timestamp: string | null
  change_seq: number
  member_count: number
  last_message: string | null
  last_message_type: string | null
  last_message_time: string
  last_message_sender: string | null
  last_message_sender_name: string | null
  unread_count: number
  /** How many of the unread messages name the caller, or the whole room. */
  unread_mentions: number
  /** The caller's own wish. */
  notify: Wish
  peer: Peer | null
}

type StoredRoom = Omit<RoomRow, 'unread_count' | 'peer' | 'notify'> & { notify: Wish | null }
type PageRow = Omit<StoredRoom, 'last_message_time'> & { last_message_at: string }

/** The caller's Active rooms, newest message first; three statements, whatever the number of rooms and messages. */
export async function listRooms(
  ctx: Context,
  query: RoomListQuery,
): Promise<{ rooms: RoomRow[]; total: number }> {
  const [counted] = await rowsOf<{ total: number }>(matching(ctx, query).count({ total: '*' }))
  const stored = await readPage(ctx, query)
  const peers = await peersOf(ctx, directRooms(stored))
  const rooms = stored.map((room) => {
    const peer = peers.get(room.name) ?? null
    return {
      ...room,
      room_name: nameFor(room, peer ?? undefined),
      unread_count: unreadCount(room),
      notify: room.notify ?? 'All',
      peer,
    }
  })
  return { rooms, total: counted?.total ?? 0 }
}

const directRooms = (rooms: readonly { name: string; room_type: string }[]): string[] =>
  rooms.filter(({ room_type }) => room_type === 'Direct Message').map(({ name }) => name)

function matching(ctx: Context, { roomType, search }: RoomListQuery): Query {
  return memberRooms(ctx)
    .where('r.room_status', 'Active')
    .modify((select) => {
      if (roomType) void select.where('r.room_type', roomType)
      if (search?.trim()) {
        void select.where((any) => {
          matchName(ctx, any, search)
        })
      }
    })
}

/** Rooms by their name, Direct Messages by the other member's. */
function matchName(ctx: Context, any: Query, search: string): void {
  const pattern = containing(search)
  void any
    .where((named) => {
      void named
        .whereNot('r.room_type', 'Direct Message')
        .whereRaw("r.room_name like ? escape '!'", [pattern])
    })
    .orWhere((direct) => {
      void direct
        .where('r.room_type', 'Direct Message')
        .whereExists(
          ctx
            .db('tabChat Room Member as p')
            .join('tabUser as u', 'u.name', 'p.user')
            .whereRaw('p.parent = r.name')
            .whereNot('p.user', ctx.user)
            .whereRaw("u.full_name like ? escape '!'", [pattern])
            .select('p.name'),
        )
    })
}

/** The page is found first, so that only its rooms are joined to their newest message. */
async function readPage(ctx: Context, query: RoomListQuery): Promise<StoredRoom[]> {
  const page = matching(ctx, query)
    .select(
      ...['name', 'room_name', 'room_type', 'description', 'room_status', 'is_private', 'creation'].map(
        (c) => `r.${c}`,
      ),
      ...['last_seq', 'change_seq', 'last_message_at'].map((c) => `r.${c}`),
      ...['is_admin', 'is_muted', 'last_read_timestamp', 'last_read_seq', 'own_since_read', 'notify'].map(
        (c) => `m.${c}`,
      ),
      'm.role as user_role',
    )
    .orderBy([
      { column: 'r.last_message_at', order: 'desc' },
      { column: 'r.name', order: 'desc' },
    ])
    .limit(query.limit)
    .offset(query.offset)
  const rows = await rowsOf<PageRow>(
    ctx
      .db(page.as('page'))
      .leftJoin('tabChat Message as last', function () {
        this.on('last.chat_room', 'page.name').andOn('last.seq', 'page.last_seq')
      })
      .leftJoin('tabUser as sender', 'sender.name', 'last.sender')
      .orderBy([
        { column: 'page.last_message_at', order: 'desc' },
        { column: 'page.name', order: 'desc' },
      ])
      .select('page.*', 'last.message_content as last_message', 'last.message_type as last_message_type')
      .select('last.sender as last_message_sender', 'sender.full_name as last_message_sender_name')
      .select({
        member_count: ctx.db('tabChat Room Member as c').whereRaw('c.parent = page.name').count('*'),
        unread_mentions: unreadMentions(ctx, 'page.name', 'page.last_read_seq'),
      }),
  )
  return rows.map(({ last_message_at, ...row }) => ({ ...row, last_message_time: last_message_at }))
}

/** A room with something new for the caller. */
export interface UnreadRoom {
  name: string
  room_name: string
  room_type: string
  last_read_timestamp: string | null
  unread_count: number
  unread_mentions: number
}

/** What is unread in all of the caller's rooms; two statements. */
export async function readUnread(ctx: Context): Promise<{ rooms: UnreadRoom[]; totalRooms: number }> {
  const all = await rowsOf<Omit<UnreadRoom, 'unread_count'> & ReadPosition>(
    memberRooms(ctx)
      .where('r.room_status', 'Active')
      .orderBy('r.last_message_at', 'desc')
      .select('r.name', 'r.room_name', 'r.room_type', 'r.last_seq')
      .select('m.last_read_timestamp', 'm.last_read_seq', 'm.own_since_read')
      .select({ unread_mentions: unreadMentions(ctx, 'r.name', 'm.last_read_seq') }),
  )
  const unread = all.filter((room) => unreadCount(room) > 0)
  const peers = await peersOf(ctx, directRooms(unread))
  const rooms = unread.map((room) => ({
    name: room.name,
    room_name: nameFor(room, peers.get(room.name)),
    room_type: room.room_type,
    last_read_timestamp: room.last_read_timestamp,
    unread_count: unreadCount(room),
    unread_mentions: room.unread_mentions,
  }))
  return { rooms, totalRooms: all.length }
}
