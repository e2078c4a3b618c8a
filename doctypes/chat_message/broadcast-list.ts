import type { Context } from '@f-chat/desk'
import { memberRooms } from '../chat_room/membership.ts'
import { nameFor, peersOf } from '../chat_room/peers.ts'
import { containing, rowsOf, type Query } from '../query.ts'

/** A room that the caller leads. */
export interface BroadcastRoom {
  room_id: string
  room_name: string
  room_type: string
  description: string | null
  user_role: string
  member_count: number
}

const MOST = 1000

/**
 * The rooms that the caller speaks for: Active ones, led as Admin or Moderator, by name; one statement. A Direct
 * Message is nobody's to lead, though one of the two has made it.
 */
export async function broadcastRooms(ctx: Context, search: string | undefined): Promise<BroadcastRoom[]> {
  return await rowsOf<BroadcastRoom>(
    memberRooms(ctx)
      .where({ 'r.room_status': 'Active', 'm.is_muted': 0 })
      .whereNot('r.room_type', 'Direct Message')
      .whereIn('m.role', ['Admin', 'Moderator'])
      .modify((query) => {
        if (search?.trim()) void query.whereRaw("r.room_name like ? escape '!'", [containing(search)])
      })
      .orderBy([{ column: 'r.room_name' }, { column: 'r.name' }])
      .limit(MOST)
      .select('r.name as room_id', 'r.room_name', 'r.room_type', 'r.description', 'm.role as user_role')
      .select({
        member_count: ctx.db('tabChat Room Member as c').whereRaw('c.parent = r.name').count('*'),
      }),
  )
}

export interface BroadcastRow {
  name: string
  chat_room: string
  room_name: string
  message_content: string | null
  timestamp: string
  attachments: { file_name: string; file_url: string; file_type: string | null; file_size: number }[]
}

type StoredBroadcast = Omit<BroadcastRow, 'attachments'> & { room_type: string }

/** The caller's broadcasts in rooms of theirs, newest first; at most four statements. */
export async function broadcastHistory(
  ctx: Context,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ broadcasts: BroadcastRow[]; total: number }> {
  const [counted] = await rowsOf<{ total: number }>(ownBroadcasts(ctx).count({ total: '*' }))
  const rows = await rowsOf<StoredBroadcast>(
    ownBroadcasts(ctx)
      .orderBy([
        { column: 'b.timestamp', order: 'desc' },
        { column: 'b.name', order: 'desc' },
      ])
      .limit(limit)
      .offset(offset)
      .select('b.name', 'b.chat_room', 'r.room_name', 'r.room_type', 'b.message_content', 'b.timestamp'),
  )
  const attachments = await rowsOf<BroadcastRow['attachments'][number] & { parent: string }>(
    ctx
      .db('tabChat Message Attachment')
      .where('parenttype', 'Chat Message')
      .whereIn(
        'parent',
        rows.map(({ name }) => name),
      )
      .orderBy('idx')
      .select('parent', 'file_name', 'file_url', 'file_type', 'file_size'),
  )
  const peers = await peersOf(
    ctx,
    rows.filter(({ room_type }) => room_type === 'Direct Message').map(({ chat_room }) => chat_room),
  )
  const broadcasts = rows.map(({ room_type, ...row }) => ({
    ...row,
    room_name: nameFor({ room_name: row.room_name, room_type }, peers.get(row.chat_room)),
    attachments: attachments
      .filter(({ parent }) => parent === row.name)
      .map(({ parent: _parent, ...attachment }) => attachment),
  }))
  return { broadcasts, total: counted?.total ?? 0 }
}

function ownBroadcasts(ctx: Context): Query {
  return memberRooms(ctx)
    .join('tabChat Message as b', 'b.chat_room', 'r.name')
    .whereNot('r.room_status', 'Deleted')
    .where({ 'b.sender': ctx.user, 'b.message_type': 'Broadcast', 'b.is_deleted': 0 })
}
