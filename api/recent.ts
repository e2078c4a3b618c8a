import { defineMethod, Type } from '@f-chat/desk'
import { recentActivity } from '../doctypes/chat_message/recent.ts'
import { answerOf } from './shared.ts'

export const getRecentChatActivity = defineMethod({
  name: 'f_chat.get_recent_chat_activity',
  summary: 'The newest messages of the last 24 hours in the caller’s rooms, at most ten.',
  aliases: ['f_chat.f_chat.doctype.chat_message.chat_message.get_recent_chat_activity'],
  input: Type.Object({}),
  output: answerOf({
    recent_activity: Type.Array(
      Type.Object({
        name: Type.String(),
        chat_room: Type.String(),
        sender: Type.String(),
        sender_name: Type.String(),
        message_content: Type.String(),
        timestamp: Type.String(),
        message_type: Type.String(),
        room_name: Type.String(),
        room_type: Type.String(),
      }),
    ),
  }),
  async handler(_args, ctx) {
    return { success: true as const, data: { recent_activity: await recentActivity(ctx) } }
  },
})
