import type { Context } from '@f-chat/desk'
import { publishToRoom } from '../../realtime/events.ts'
import { nextChange, type LockedRoom } from '../chat_room/change.ts'
import type { RawSql } from '../query.ts'

/** What many messages take at once: the first its own name's, the next the one after. */
export function changeSeqs(ctx: Context, names: readonly string[], first: number): RawSql {
  return ctx.db.raw(
    `case name ${names.map(() => 'when ? then ?').join(' ')} end`,
    names.flatMap((name, i) => [name, first + i]),
  )
}

/**
 * Tells the members of a locked room that something about these messages is no longer as they know it: each takes a
 * change_seq, and so clients get them by the next sync.
 * @param messages each once, some hundreds at most
 */
export async function noteChanges(
  ctx: Context,
  room: LockedRoom,
  messages: readonly string[],
): Promise<void> {
  if (messages.length === 0) return
  const first = room.change_seq + 1
  // One number more, which no client has seen: even of one message every client finds that it missed something.
  const change_seq = await nextChange(ctx, room, 'message', { count: messages.length + 1 })
  await ctx
    .db('tabChat Message')
    .whereIn('name', messages)
    .update({ change_seq: changeSeqs(ctx, messages, first) })
  publishToRoom(ctx, room.name, 'chat_room_updated', {
    room_id: room.name,
    room_name: room.room_name,
    action: 'messages_changed',
    changes: [],
    new_values: { changed_messages: messages.length },
    change_seq,
  })
}
