import { documentOf, type Context } from '@f-chat/desk'
import type { ChatSettingsFields } from './chat_settings.types.ts'

/** What an administrator decides for the chat of the whole site. */
export default class ChatSettings extends documentOf<ChatSettingsFields>() {
  static async read(ctx: Context): Promise<ChatSettings> {
    const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
    if (!(settings instanceof ChatSettings)) throw new Error('Chat Settings has another controller.')
    return settings
  }
}
