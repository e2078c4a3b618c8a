import { PermissionError, type Context } from '@f-chat/desk'
import { BATCH, removeOldest } from '../chat_message/remove-old.ts'
import { memberRoom } from './membership.ts'
import { lockRoom } from './change.ts'

/** How far the emptying of a room has come. */
export interface Emptied {
  deleted_count: number
  /** Messages that are still to go, in the background. */
  remaining_count: number
  /** Those are numbered up to here. */
  upTo: number
}

/**
 * Deletes a room's messages, all that are there now: some hundreds at once, and how many are left for a job. For
 * those who may delete rooms; they need not be members.
 * @throws DoesNotExistError, PermissionError
 */
export async function emptyRoom(ctx: Context, name: string): Promise<Emptied> {
  if (!(await ctx.hasPermission('Chat Room', 'delete'))) {
    await memberRoom(ctx, name)
    throw new PermissionError('Only System Managers empty rooms. Ask one of them.')
  }
  const { last_seq } = await lockRoom(ctx, name)
  const deleted_count = await removeOldest(ctx, name, { upTo: last_seq })
  const remaining_count = deleted_count < BATCH ? 0 : await countLeft(ctx, name)
  return { deleted_count, remaining_count, upTo: last_seq }
}

/** All of the room's messages that are not deleted, by its counters; the transaction holds its row. */
async function countLeft(ctx: Context, name: string): Promise<number> {
  const row = await ctx
    .db('tabChat Room')
    .where({ name })
    .first<{ last_seq: number; deleted_count: number } | undefined>('last_seq', 'deleted_count')
  return Math.max(0, (row?.last_seq ?? 0) - (row?.deleted_count ?? 0))
}
