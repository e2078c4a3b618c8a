import { documentOf, type Context } from '@f-chat/desk'
import type { ChatSettingsFields } from './chat_settings.types.ts'

/** What an administrator decides for the chat of the whole site. */
export default class ChatSettings extends documentOf<ChatSettingsFields>() {
  static async read(ctx: Context): Promise<ChatSettings> {
    return (await ctx.getDoc('Chat Settings', 'Chat Settings')) as ChatSettings
  }
}
