import { defineMethod, Type } from '@f-chat/desk'
import ChatSettings from '../doctypes/chat_settings/chat_settings.ts'

const path = (method: string): string => `f_chat.f_chat.doctype.chat_settings.chat_settings.${method}`

/** Whether the site has its chat switched on. */
export const isChatEnabled = defineMethod({
  name: 'f_chat.is_chat_enabled',
  aliases: [path('is_chat_enabled')],
  input: Type.Object({}),
  async handler(_args, ctx) {
    return (await ChatSettings.read(ctx)).enable_chat === 1
  },
})

/** The settings that a client needs. */
export const getChatSettings = defineMethod({
  name: 'f_chat.get_chat_settings',
  aliases: [path('get_chat_settings')],
  input: Type.Object({}),
  async handler(_args, ctx) {
    const settings = await ChatSettings.read(ctx)
    return {
      enable_chat: settings.enable_chat,
      max_file_size: settings.max_file_size,
      allowed_file_types: settings.allowed_file_types,
      default_room_max_members: settings.default_room_max_members,
      enable_desktop_notifications: settings.enable_desktop_notifications,
      enable_message_editing: settings.enable_message_editing,
      message_edit_time_limit: settings.message_edit_time_limit,
      enable_message_reactions: settings.enable_message_reactions,
      enable_typing_indicators: settings.enable_typing_indicators,
    }
  },
})
