import type { Context } from '@f-chat/desk'
import { holdMembers } from './member-rows.ts'

/** Counts members' own new messages, so that nobody finds their own messages unread (docs/adr/0003). */
export async function countOwn(
  ctx: Context,
  room: string,
  added: readonly { sender: string }[],
): Promise<void> {
  const own = new Map<string, number>()
  for (const { sender } of added) own.set(sender, (own.get(sender) ?? 0) + 1)
  for (const member of await holdMembers(ctx, room)) {
    const count = own.get(member.user)
    if (count === undefined) continue
    await ctx
      .db('tabChat Room Member')
      .where({ name: member.name })
      .update({ own_since_read: member.own_since_read + count })
  }
}
