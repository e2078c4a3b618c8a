import { documentOf, ValidationError, type Context } from '@f-chat/desk'
import { publishToAll } from '../../realtime/events.ts'
import type { ChatSettingsFields } from './chat_settings.types.ts'
import { CHAT_SETTINGS } from './require-chat.ts'
import { readDomains } from './email-domains.ts'

/** The settings that a client needs, as get_chat_settings answers them and chat_settings_updated carries them. */
export type SettingsShown = Pick<
  ChatSettingsFields,
  | 'enable_chat'
  | 'max_file_size'
  | 'allowed_file_types'
  | 'default_room_max_members'
  | 'enable_desktop_notifications'
  | 'enable_message_editing'
  | 'message_edit_time_limit'
  | 'enable_message_reactions'
  | 'enable_typing_indicators'
>

/** What an administrator decides for the chat of the whole site. */
export default class ChatSettings extends documentOf<ChatSettingsFields>() {
  override validate(): void {
    const least = {
      default_room_max_members: [2, 'A room holds at least two members.'],
      max_file_size: [1, 'The largest file has at least one byte.'],
      message_edit_time_limit: [0, 'The time to edit a message is 0 for no limit, or hours.'],
      auto_delete_after_days: [1, 'Messages are kept for at least one day.'],
    } as const
    for (const [field, [from, message]] of Object.entries(least)) {
      if (Number(this.get(field)) < from) throw new ValidationError(message)
    }
    readDomains(this.allowed_email_domains)
  }

  /** Open pages go by the new settings at once. */
  override on_update(ctx: Context): void {
    ctx.invalidate(CHAT_SETTINGS)
    publishToAll(ctx, 'chat_settings_updated', this.shown())
  }

  shown(): SettingsShown {
    return {
      enable_chat: this.enable_chat,
      max_file_size: this.max_file_size,
      allowed_file_types: this.allowed_file_types,
      default_room_max_members: this.default_room_max_members,
      enable_desktop_notifications: this.enable_desktop_notifications,
      enable_message_editing: this.enable_message_editing,
      message_edit_time_limit: this.message_edit_time_limit,
      enable_message_reactions: this.enable_message_reactions,
      enable_typing_indicators: this.enable_typing_indicators,
    }
  }

  static async read(ctx: Context): Promise<ChatSettings> {
    const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
    if (!(settings instanceof ChatSettings)) throw new Error('Chat Settings has another controller.')
    return settings
  }
}
