import { documentOf, ValidationError, type Context } from '@f-chat/desk'
import type { ChatSettingsFields } from './chat_settings.types.ts'

/** What an administrator decides for the chat of the whole site. */
export default class ChatSettings extends documentOf<ChatSettingsFields>() {
  override validate(): void {
    const least = {
      default_room_max_members: [2, 'A room holds at least two members.'],
      max_file_size: [1, 'The largest file has at least one byte.'],
      message_edit_time_limit: [0, 'The time to edit a message is 0 for no limit, or hours.'],
    } as const
    for (const [field, [from, message]] of Object.entries(least)) {
      if (Number(this.get(field)) < from) throw new ValidationError(message)
    }
  }

  static async read(ctx: Context): Promise<ChatSettings> {
    const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
    if (!(settings instanceof ChatSettings)) throw new Error('Chat Settings has another controller.')
    return settings
  }
}
