import { PermissionError, type Context } from '@f-chat/desk'
import { publishToRoom } from '../../realtime/events.ts'
import { nextChange, type LockedRoom } from '../chat_room/change.ts'
import { changeSeqs } from './change-many.ts'
import { powersIn } from '../chat_room/powers.ts'
import { requirePower } from '../chat_room/require.ts'
import { releaseFiles } from './attachments.ts'
import { DELETED_TEXT } from './content.ts'
import { lockMessage } from './locked.ts'
import { dropMentions } from './mentions.ts'
import { unindexPlaces } from './search-index.ts'

/** What a deletion needs to know of a message. */
export interface Removable {
  name: string
  seq: number
}

export interface DeletedMessage {
  message_id: string
  room_id: string
  delete_timestamp: string
  seq: number
  change_seq: number
}

/**
 * Deletes one message for everybody: its own sender's right, and that of the room's Admins and Moderators. Its place
 * in the room stays, as a tombstone. One that is deleted already stays as it is.
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError
 */
export async function deleteMessage(ctx: Context, name: string): Promise<DeletedMessage> {
  const { room, member, message } = await lockMessage(ctx, name)
  if (!powersIn(room, member).can_delete_any_message) {
    requirePower(
      room,
      member,
      'can_delete_messages',
      'Only Admins and Moderators write in an Announcement room.',
    )
    if (message.sender !== ctx.user || message.message_type === 'System') {
      throw new PermissionError('You can delete only what you wrote yourself. Ask one of the room’s Admins.')
    }
  }
  const deleted = { message_id: name, room_id: room.name, seq: message.seq }
  if (message.is_deleted) {
    const { delete_timestamp, timestamp, change_seq } = message
    return { ...deleted, delete_timestamp: delete_timestamp ?? timestamp, change_seq }
  }
  const delete_timestamp = ctx.now()
  const change_seq = await removeMessages(ctx, room, [message], delete_timestamp)
  return { ...deleted, delete_timestamp, change_seq }
}

/**
 * Makes tombstones of messages of a locked room that are not deleted yet; each takes a change_seq, in the order of
 * seq. Of one message the room's members hear; of many at once that there were some, and sync.
 * @param messages some hundreds at most, so that the room is not held for long
 * @returns the last change_seq taken
 */
export async function removeMessages(
  ctx: Context,
  room: LockedRoom,
  messages: readonly Removable[],
  at: string,
): Promise<number> {
  if (messages.length === 0) return room.change_seq
  const inOrder = messages.toSorted((a, b) => a.seq - b.seq)
  const names = inOrder.map(({ name }) => name)
  const change_seq = await nextChange(ctx, room, 'message', { at, count: inOrder.length })
  const first = change_seq - inOrder.length + 1
  await ctx
    .db('tabChat Message')
    .whereIn('name', names)
    .update({
      message_content: DELETED_TEXT,
      is_deleted: 1,
      delete_timestamp: at,
      modified: at,
      modified_by: ctx.user,
      change_seq: changeSeqs(ctx, names, first),
    })
  await ctx.db('tabChat Message Reaction').whereIn('parent', names).delete()
  await dropMentions(ctx, names)
  await releaseFiles(ctx, names)
  await unindexPlaces(
    ctx,
    room.name,
    inOrder.map(({ seq }) => seq),
  )
  await ctx.db('tabChat Room').where({ name: room.name }).increment('deleted_count', inOrder.length)
  announce(ctx, room, inOrder, change_seq, at)
  return change_seq
}

function announce(
  ctx: Context,
  room: LockedRoom,
  messages: readonly Removable[],
  change_seq: number,
  at: string,
): void {
  for (const { name } of messages) ctx.noticeUpdate('Chat Message', name, at)
  const [only, ...more] = messages
  if (only && more.length === 0) {
    publishToRoom(ctx, room.name, 'chat_message_updated', {
      message_id: only.name,
      room_id: room.name,
      action: 'deleted',
      new_content: DELETED_TEXT,
      mentions: [],
      delete_timestamp: at,
      seq: only.seq,
      change_seq,
    })
    return
  }
  publishToRoom(ctx, room.name, 'chat_room_updated', {
    room_id: room.name,
    room_name: room.room_name,
    action: 'messages_deleted',
    changes: [],
    new_values: { deleted_messages: messages.length },
    change_seq,
  })
}
