import type { Context } from '@f-chat/desk'
import { publishToRoom } from '../../realtime/events.ts'
import { nextReadMark } from '../chat_message/unread.ts'
import { memberRoom, roomNotFound } from '../chat_room/membership.ts'
import { rowsOf } from '../query.ts'

/**
 * Moves the caller's read mark forward. Locks the member's own row and nothing of the room: senders, who count in
 * the room's row, do not wait for readers.
 * @param upTo the newest message read; all of them when not given
 * @throws DoesNotExistError for outsiders too
 */
export async function markRead(ctx: Context, room: string, upTo: number | undefined): Promise<void> {
  const mine = { parent: room, user: ctx.user }
  const locked = await ctx
    .db('tabChat Room Member')
    .where(mine)
    .forUpdate()
    .first<{ name: string } | undefined>('name')
  if (!locked) throw roomNotFound(room)
  const position = await memberRoom(ctx, room)
  const mark = nextReadMark(position, upTo)
  if (mark === null) return
  const timestamp = ctx.now()
  await ctx
    .db('tabChat Room Member')
    .where(mine)
    .update({
      last_read_seq: mark,
      last_read_timestamp: timestamp,
      own_since_read: mark === position.last_seq ? 0 : await countOwnAfter(ctx, room, mark),
    })
  publishToRoom(ctx, room, 'room_read_status_changed', {
    room_id: room,
    user: ctx.user,
    timestamp,
    last_read_seq: mark,
  })
}

/** Own sends wait for the member's row, so that this number stands until the commit. */
async function countOwnAfter(ctx: Context, room: string, seq: number): Promise<number> {
  const [row] = await rowsOf<{ own: number }>(
    ctx
      .db('tabChat Message')
      .where({ chat_room: room, sender: ctx.user })
      .where('seq', '>', seq)
      .count({ own: '*' }),
  )
  return row?.own ?? 0
}
