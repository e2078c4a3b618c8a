import type { Context } from '@f-chat/desk'
import { publishToUser } from '../../realtime/events.ts'
import type { Wish } from '../chat_message/notify.ts'
import { memberRoom, roomNotFound } from '../chat_room/membership.ts'

/**
 * Keeps what the caller wishes to hear of a room, and tells their other devices. A wish is nobody else's business: no
 * change of the room. Locks the member's own row and nothing of the room, as a read mark does.
 * @throws DoesNotExistError for outsiders too
 */
export async function setWish(ctx: Context, room: string, notify: Wish): Promise<void> {
  const mine = { parent: room, user: ctx.user }
  const locked = await ctx
    .db('tabChat Room Member')
    .where(mine)
    .forUpdate()
    .first<{ notify: Wish | null } | undefined>('notify')
  if (!locked) throw roomNotFound(room)
  await memberRoom(ctx, room)
  if (locked.notify === notify) return
  await ctx.db('tabChat Room Member').where(mine).update({ notify })
  publishToUser(ctx, ctx.user, 'room_notify_changed', { room_id: room, notify })
}
