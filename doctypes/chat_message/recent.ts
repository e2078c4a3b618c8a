import type { Context } from '@f-chat/desk'
import { memberRooms } from '../chat_room/membership.ts'
import { nameFor, peersOf } from '../chat_room/peers.ts'
import { rowsOf } from '../query.ts'
import { beginning } from './snippet.ts'

/** A message of the last day, as get_recent_chat_activity tells it. */
export interface RecentMessage {
  name: string
  chat_room: string
  sender: string
  sender_name: string
  /** At most its first 100 characters. */
  message_content: string
  timestamp: string
  message_type: string
  room_name: string
  room_type: string
}

const MOST = 10
const LENGTH = 100
const DAY_MS = 86_400_000
/** Of a room's newest messages, those that are looked at: some may be deleted. */
const LOOKED_AT = 50

/**
 * The newest messages of the last 24 hours in the caller's rooms; three statements. They are in those rooms that have
 * the newest message: no other room is looked at.
 */
export async function recentActivity(ctx: Context): Promise<RecentMessage[]> {
  const since = ctx.site.clock.at(Date.now() - DAY_MS)
  const rooms = await rowsOf<{ name: string; room_name: string; room_type: string; last_seq: number }>(
    memberRooms(ctx)
      .whereNot('r.room_status', 'Deleted')
      .where('r.last_message_at', '>=', since)
      .orderBy('r.last_message_at', 'desc')
      .limit(MOST)
      .select('r.name', 'r.room_name', 'r.room_type', 'r.last_seq'),
  )
  if (rooms.length === 0) return []
  const stored = await rowsOf<StoredMessage>(
    ctx
      .db('tabChat Message as m')
      .leftJoin('tabUser as u', 'u.name', 'm.sender')
      .where((any) => {
        for (const { name, last_seq } of rooms)
          void any.orWhere((one) => {
            void one.where('m.chat_room', name).where('m.seq', '>', last_seq - LOOKED_AT)
          })
      })
      .where('m.is_deleted', 0)
      .where('m.timestamp', '>=', since)
      .orderBy([
        { column: 'm.timestamp', order: 'desc' },
        { column: 'm.seq', order: 'desc' },
      ])
      .limit(MOST)
      .select('m.name', 'm.chat_room', 'm.sender', 'm.message_content', 'm.timestamp', 'm.message_type')
      .select('u.full_name'),
  )
  const peers = await peersOf(
    ctx,
    rooms.filter(({ room_type }) => room_type === 'Direct Message').map(({ name }) => name),
  )
  const byName = new Map(rooms.map((room) => [room.name, room]))
  return stored.flatMap(({ full_name, ...message }): RecentMessage[] => {
    const room = byName.get(message.chat_room)
    if (!room) return []
    return [
      {
        ...message,
        sender_name: full_name ?? message.sender,
        message_content: beginning(message.message_content ?? '', LENGTH),
        room_name: nameFor(room, peers.get(room.name)),
        room_type: room.room_type,
      },
    ]
  })
}

type StoredMessage = Omit<RecentMessage, 'sender_name' | 'room_name' | 'room_type' | 'message_content'> & {
  message_content: string | null
  full_name: string | null
}
