import type { Context, LiveConnection } from '@f-chat/desk'
import { statusChannel } from '../../realtime/presence/tell.ts'
import { statusesOf, type UserStatus } from './status.ts'

/** Whom each socket watches. */
const watched = new WeakMap<LiveConnection, Set<string>>()

/** The socket hears of these users' status from now on, and of nobody else's whom it watched before. */
export function watch(ctx: Context, connection: LiveConnection, users: readonly UserStatus[]): void {
  const named = new Set(users.map(({ user }) => user))
  const heard = watched.get(connection) ?? new Set<string>()
  watched.set(connection, heard)
  for (const user of heard) {
    if (named.has(user)) continue
    connection.unsubscribe(statusChannel(user))
    heard.delete(user)
  }
  const { site, user: caller } = ctx
  for (const user of named) {
    if (heard.has(user)) continue
    // Asked again before each event: who may no longer know of somebody hears no more of them.
    connection.subscribe(statusChannel(user), () =>
      site.read({ user: caller }, async (later) => (await statusesOf(later, [user])).length > 0),
    )
    heard.add(user)
  }
}
