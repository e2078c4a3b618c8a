import type { Context } from '@f-chat/desk'
import { lockRoom } from '../chat_room/change.ts'
import { rowsOf } from '../query.ts'
import { removeMessages, type Removable } from './remove.ts'

/** Messages that go in one transaction: senders of the room wait no longer than for these. */
export const BATCH = 500

/** Which of a room's messages go. */
export interface Removal {
  /** Those before this time … */
  before?: string
  /** … and those up to this number. */
  upTo?: number
  /** The message that records the room's creation stays. */
  keepFirst?: boolean
}

/**
 * Deletes the oldest messages of a room that are to go, at most {@link BATCH} of them. What is deleted already is not
 * found again, so that work that broke off goes on where it was.
 * A room that was deleted is no exception.
 * @returns how many; fewer than a batch when there are no more
 * @throws DoesNotExistError
 */
export async function removeOldest(ctx: Context, name: string, removal: Removal): Promise<number> {
  const room = await lockRoom(ctx, name, { deleted: true })
  const { before, upTo, keepFirst = false } = removal
  const messages = await rowsOf<Removable>(
    ctx
      .db('tabChat Message')
      .where({ chat_room: name, is_deleted: 0 })
      .modify((query) => {
        if (before !== undefined) void query.where('timestamp', '<', before)
        if (upTo !== undefined) void query.where('seq', '<=', upTo)
        if (keepFirst) void query.where('seq', '>', 1)
      })
      .orderBy('timestamp')
      .limit(BATCH)
      .select('name', 'seq'),
  )
  await removeMessages(ctx, room, messages, ctx.now())
  return messages.length
}
