import { defineMethod, Type } from '@f-chat/desk'
import { editMessage } from '../doctypes/chat_message/edit.ts'
import { toggleReaction } from '../doctypes/chat_message/react.ts'
import { deleteMessage } from '../doctypes/chat_message/remove.ts'
import { ReactionsShape } from './shapes.ts'
import { answerOf, longPath, MessageId, Seq } from './shared.ts'

export const addReaction = defineMethod({
  name: 'f_chat.add_reaction',
  summary: 'Adds the caller’s reaction to a message, or takes it back.',
  aliases: [longPath('chat_api', 'add_reaction')],
  writes: true,
  input: Type.Object({ message_id: MessageId, emoji: Type.String({ maxLength: 140 }) }),
  output: answerOf({
    message_id: MessageId,
    room_id: Type.String(),
    action: Type.Union([Type.Literal('added'), Type.Literal('removed')]),
    emoji: Type.String(),
    reactions: ReactionsShape,
    change_seq: Seq,
  }),
  async handler({ message_id, emoji }, ctx) {
    const data = await toggleReaction(ctx, message_id, emoji)
    return { success: true, message: `Reaction ${data.action}`, data }
  },
})

export const editMessageMethod = defineMethod({
  name: 'f_chat.edit_message',
  summary: 'Replaces the text of a message of the caller’s own, as long as the site’s settings let them.',
  aliases: [longPath('chat_api', 'edit_message')],
  writes: true,
  input: Type.Object({ message_id: MessageId, new_content: Type.String() }),
  output: answerOf({
    message_id: MessageId,
    room_id: Type.String(),
    message_content: Type.String(),
    is_edited: Type.Literal(1),
    edit_timestamp: Type.String(),
    seq: Seq,
    change_seq: Seq,
  }),
  async handler({ message_id, new_content }, ctx) {
    return { success: true, message: 'Message edited', data: await editMessage(ctx, message_id, new_content) }
  },
})

export const deleteMessageMethod = defineMethod({
  name: 'f_chat.delete_message',
  summary: 'Deletes a message for everybody; its place in the room stays.',
  aliases: [longPath('chat_api', 'delete_message')],
  writes: true,
  input: Type.Object({ message_id: MessageId }),
  output: answerOf({
    message_id: MessageId,
    room_id: Type.String(),
    delete_timestamp: Type.String(),
    seq: Seq,
    change_seq: Seq,
  }),
  async handler({ message_id }, ctx) {
    return { success: true, message: 'Message deleted', data: await deleteMessage(ctx, message_id) }
  },
})
