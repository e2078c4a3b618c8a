import type { Context } from '@f-chat/desk'
import { publishToAny, roomChannel, type ChatEvents } from '../events.ts'

/** Users whose rooms are read by one statement. */
const USERS_A_STATEMENT = 1000

/** The channel of those who have this user on their screen, whatever rooms they share. */
export const statusChannel = (user: string): string => `status:${user}`

/** A status that others do not know yet. */
export type Told = ChatEvents['user_status_changed']

/**
 * Tells everybody who shares a room with these users, or has them on the screen, and the users' own devices: each
 * socket once, however many rooms they share. One statement for all of them.
 */
export async function tellStatuses(ctx: Context, told: readonly Told[]): Promise<void> {
  for (let start = 0; start < told.length; start += USERS_A_STATEMENT) {
    const part = told.slice(start, start + USERS_A_STATEMENT)
    const rooms = await roomsOf(
      ctx,
      part.map(({ user }) => user),
    )
    for (const status of part) {
      const shared = (rooms.get(status.user) ?? []).map(roomChannel)
      const channels = [...shared, `user:${status.user}`, statusChannel(status.user)]
      publishToAny(ctx, channels, 'user_status_changed', status)
    }
  }
}

async function roomsOf(ctx: Context, users: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const rows = await ctx
    .db('tabChat Room Member as m')
    .join('tabChat Room as r', 'r.name', 'm.parent')
    .whereIn('m.user', [...users])
    .whereNot('r.room_status', 'Deleted')
    .select<{ user: string; room: string }[]>('m.user as user', 'm.parent as room')
  const rooms = new Map<string, string[]>()
  for (const { user, room } of rows) {
    const known = rooms.get(user)
    if (known) known.push(room)
    else rooms.set(user, [room])
  }
  return rooms
}
