import type { Context } from '@f-chat/desk'
import { presenceOf } from '../../realtime/presence.ts'
import { joined, type Call } from './call.ts'

/** Who has come into the call or left it is busy or not any more, once this is committed. */
export function tellPresence(ctx: Context, before: Call | null, after: Call): void {
  const [were, are] = [before ? usersIn(before) : new Set<string>(), usersIn(after)]
  ctx.afterCommit(async () => {
    const presence = presenceOf(ctx.site)
    for (const user of are) if (!were.has(user)) await presence.inCall(user, true)
    for (const user of were) if (!are.has(user)) await presence.inCall(user, false)
  })
}

const usersIn = (call: Call): ReadonlySet<string> => new Set(joined(call).map(({ user }) => user))
