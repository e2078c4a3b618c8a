import type { Context, LiveConnection } from '@f-chat/desk'
import { statusChannel } from '../../realtime/presence/tell.ts'
import { statusesOf, type UserStatus } from './status.ts'

/** Whom each socket watches. */
const watched = new WeakMap<LiveConnection, ReadonlySet<string>>()

/** The socket hears of these users' status from now on, and of nobody else's whom it watched before. */
export async function watch(
  ctx: Context,
  connection: LiveConnection,
  users: readonly string[],
): Promise<UserStatus[]> {
  const statuses = await statusesOf(ctx, users)
  const now = new Set(statuses.map(({ user }) => user))
  const before = watched.get(connection) ?? new Set<string>()
  watched.set(connection, now)
  for (const user of before) {
    if (!now.has(user)) connection.unsubscribe(statusChannel(user))
  }
  const { site, user: caller } = ctx
  for (const user of now) {
    if (before.has(user)) continue
    // Asked again before each event: who may no longer know of somebody hears no more of them.
    connection.subscribe(statusChannel(user), () =>
      site.read({ user: caller }, async (later) => (await statusesOf(later, [user])).length > 0),
    )
  }
  return statuses
}
