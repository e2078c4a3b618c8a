import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'

export interface SystemStats {
  /** Rooms that are not deleted. */
  total_rooms: number
  /** Messages in them that are not deleted. */
  total_messages: number
  /** Enabled users who are in at least one of them. */
  total_users: number
  /** What people have written since midnight on the site's clock … */
  messages_today: number
  /** … and how many they were. */
  active_users_today: number
}

/** The whole site's chat in five figures; three statements, none of which reads the messages one by one. */
export async function readSystemStats(ctx: Context): Promise<SystemStats> {
  const [rooms] = await rowsOf<{ total_rooms: number; messages: number | string | null }>(
    ctx
      .db('tabChat Room')
      .whereNot('room_status', 'Deleted')
      .count({ total_rooms: '*' })
      .select(ctx.db.raw('sum(last_seq - deleted_count) as messages')),
  )
  const [users] = await rowsOf<{ total_users: number }>(
    ctx
      .db('tabChat Room Member as m')
      .join('tabChat Room as r', 'r.name', 'm.parent')
      .join('tabUser as u', 'u.name', 'm.user')
      .where('u.enabled', 1)
      .whereNot('r.room_status', 'Deleted')
      .countDistinct({ total_users: 'm.user' }),
  )
  const midnight = `${ctx.now().slice(0, 10)} 00:00:00`
  // By room: those with messages of today are few, and each finds its own by an index.
  const [today] = await rowsOf<{ messages_today: number; active_users_today: number }>(
    ctx
      .db('tabChat Room as r')
      .join('tabChat Message as m', 'm.chat_room', 'r.name')
      .where('r.last_message_at', '>=', midnight)
      .whereNot('r.room_status', 'Deleted')
      .where('m.is_deleted', 0)
      .where('m.timestamp', '>=', midnight)
      .whereNot('m.message_type', 'System')
      .count({ messages_today: '*' })
      .countDistinct({ active_users_today: 'm.sender' }),
  )
  return {
    total_rooms: rooms?.total_rooms ?? 0,
    total_messages: Number(rooms?.messages ?? 0),
    total_users: users?.total_users ?? 0,
    messages_today: today?.messages_today ?? 0,
    active_users_today: today?.active_users_today ?? 0,
  }
}
