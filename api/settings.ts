import { defineMethod, Type } from '@f-chat/desk'
import ChatSettings from '../doctypes/chat_settings/chat_settings.ts'

const path = (method: string): string => `f_chat.f_chat.doctype.chat_settings.chat_settings.${method}`

export const isChatEnabled = defineMethod({
  name: 'f_chat.is_chat_enabled',
  summary: 'Whether the site has its chat switched on.',
  aliases: [path('is_chat_enabled')],
  input: Type.Object({}),
  output: Type.Boolean(),
  async handler(_args, ctx) {
    return (await ChatSettings.read(ctx)).enable_chat === 1
  },
})

const Check = Type.Union([Type.Literal(0), Type.Literal(1)])

export const getChatSettings = defineMethod({
  name: 'f_chat.get_chat_settings',
  summary: 'The settings that a client needs.',
  aliases: [path('get_chat_settings')],
  input: Type.Object({}),
  output: Type.Object(
    {
      enable_chat: Check,
      max_file_size: Type.Integer(),
      allowed_file_types: Type.Union([Type.String(), Type.Null()]),
      default_room_max_members: Type.Integer(),
      enable_desktop_notifications: Check,
      enable_message_editing: Check,
      message_edit_time_limit: Type.Integer(),
      enable_message_reactions: Check,
      enable_typing_indicators: Check,
    },
    { additionalProperties: false },
  ),
  async handler(_args, ctx) {
    return (await ChatSettings.read(ctx)).shown()
  },
})
