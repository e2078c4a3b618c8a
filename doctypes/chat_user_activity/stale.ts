import type { Context } from '@f-chat/desk'
import { presenceOf } from '../../realtime/presence.ts'
import { writeActivity } from '../../realtime/presence/activity-rows.ts'
import { STALE_SECONDS } from '../../realtime/presence/settings.ts'
import type { Status, StoredPresence } from '../../realtime/presence/user-presence.ts'

interface StaleRow {
  user: string
  chat_status: Status | null
  chosen_status: StoredPresence['chosen']
}

/**
 * The safety net: users who are stored as being there, or in a room, but have given no sign of life for ten minutes
 * and are not connected. Two statements, however many they are.
 * @returns how many they were
 */
export async function markStale(ctx: Context): Promise<number> {
  const before = ctx.site.clock.at(Date.now() - STALE_SECONDS * 1000)
  const rows = await ctx
    .db('tabChat User Activity')
    .where((either) => {
      void either
        .where('is_online', 1)
        .orWhereNot('chat_status', 'offline')
        .orWhereNotNull('active_room')
        .orWhereNotNull('typing_in_room')
    })
    .where((either) => void either.whereNull('last_activity').orWhere('last_activity', '<', before))
    .where((either) => void either.whereNull('last_seen').orWhere('last_seen', '<', before))
    .forUpdate()
    .select<StaleRow[]>('user', 'chat_status', 'chosen_status')
  const presence = presenceOf(ctx.site)
  const present = await presence.present(rows.map(({ user }) => user))
  const gone = rows.filter(({ user }) => !present.has(user))
  await writeActivity(
    ctx,
    gone.map(({ user, chosen_status }) => ({
      ...{ user, chosen_status, chat_status: 'offline', is_online: 0 },
      ...{ last_seen: null, last_activity: null, active_room: null, typing_in_room: null },
    })),
  )
  const told = gone.filter(({ chat_status }) => chat_status !== null && chat_status !== 'offline')
  ctx.afterCommit(() => presence.gone(told.map(({ user }) => user)))
  return gone.length
}
