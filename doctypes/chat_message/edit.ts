import { PermissionError, ValidationError, type Context } from '@f-chat/desk'
import { publishToRoom } from '../../realtime/events.ts'
import { nextChange } from '../chat_room/change.ts'
import { requirePower } from '../chat_room/require.ts'
import ChatSettings from '../chat_settings/chat_settings.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { checkContent } from './content.ts'
import { lockMessage } from './locked.ts'
import { storeMentions } from './mentions.ts'
import { indexMessages } from './search-index.ts'

/** A message as its sender is told of the change. */
export interface EditedMessage {
  message_id: string
  room_id: string
  message_content: string
  is_edited: 1
  edit_timestamp: string
  seq: number
  change_seq: number
}

const HOUR_MS = 3_600_000

/**
 * Replaces the text of one of the caller's own Text messages. The same text again changes nothing.
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError, CharacterLengthExceededError
 */
export async function editMessage(ctx: Context, name: string, content: string): Promise<EditedMessage> {
  await requireChat(ctx)
  const { room, member, message } = await lockMessage(ctx, name)
  requirePower(room, member, 'can_edit_messages', 'Only Admins and Moderators write in an Announcement room.')
  if (message.sender !== ctx.user) throw new PermissionError('You can edit only what you wrote yourself.')
  if (message.is_deleted) throw new ValidationError('This message was deleted; it cannot be edited.')
  if (message.message_type !== 'Text') throw new ValidationError('Only text messages can be edited.')
  const settings = await ChatSettings.read(ctx)
  checkMayStillEdit(ctx, settings, message.timestamp)
  checkContent(content)
  const edit_timestamp = ctx.now()
  const edited = {
    message_id: name,
    room_id: room.name,
    message_content: content,
    is_edited: 1 as const,
    seq: message.seq,
  }
  if (message.message_content === content) {
    return {
      ...edited,
      edit_timestamp: message.edit_timestamp ?? edit_timestamp,
      change_seq: message.change_seq,
    }
  }
  const change_seq = await nextChange(ctx, room, 'message', { at: edit_timestamp })
  await ctx.db('tabChat Message').where({ name }).update({
    message_content: content,
    is_edited: 1,
    edit_timestamp,
    change_seq,
    modified: edit_timestamp,
    modified_by: ctx.user,
  })
  await indexMessages(ctx, [
    {
      name,
      chat_room: room.name,
      seq: message.seq,
      message_type: message.message_type,
      timestamp: message.timestamp,
      message_content: content,
      files: await ctx
        .db('tabChat Message Attachment')
        .where({ parent: name })
        .orderBy('idx')
        .pluck<string[]>('file_name'),
    },
  ])
  const named = await storeMentions(ctx, {
    message: name,
    room: room.name,
    seq: message.seq,
    content,
    sender: message.sender,
    before: message.message_content ?? '',
  })
  publishToRoom(ctx, room.name, 'chat_message_updated', {
    message_id: name,
    room_id: room.name,
    action: 'edited',
    new_content: content,
    ...named,
    edit_timestamp,
    seq: message.seq,
    change_seq,
  })
  ctx.noticeUpdate('Chat Message', name, edit_timestamp)
  return { ...edited, edit_timestamp, change_seq }
}

function checkMayStillEdit(ctx: Context, settings: ChatSettings, sentAt: string): void {
  if (!settings.enable_message_editing) {
    throw new PermissionError('Messages cannot be edited on this site. Send a new one instead.')
  }
  const hours = settings.message_edit_time_limit
  if (hours > 0 && sentAt < ctx.site.clock.at(Date.now() - hours * HOUR_MS)) {
    throw new PermissionError(
      `Messages can be edited for ${String(hours)} ${hours === 1 ? 'hour' : 'hours'}. Send a new one instead.`,
    )
  }
}
