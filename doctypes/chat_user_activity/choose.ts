import type { Context } from '@f-chat/desk'
import { presenceOf } from '../../realtime/presence.ts'
import { writeActivity } from '../../realtime/presence/activity-rows.ts'
import type { Status } from '../../realtime/presence/user-presence.ts'

/** Sets the caller's status by hand: stored at once, and told once it is. */
export async function storeStatus(ctx: Context, status: Status): Promise<void> {
  const presence = presenceOf(ctx.site)
  const { user, device, connection } = ctx
  const caller = { user, device, connection }
  await writeActivity(ctx, [await presence.rowAfter(caller, status)])
  ctx.afterCommit(() => presence.choose(caller, status))
}
