import { PermissionError, type Context } from '@f-chat/desk'

/** What is cached of Chat Settings; dropped when they are saved. */
export const CHAT_SETTINGS = 'Chat Settings'

/**
 * For everything that adds to the chat or changes it. What is there already can be read while the chat is off.
 * @throws PermissionError where an administrator has switched the chat off
 */
export async function requireChat(ctx: Context): Promise<void> {
  const enabled = await ctx.cached(CHAT_SETTINGS, 'enable_chat', async (db) => {
    const row = await db('tabSingles')
      .where({ doctype: 'Chat Settings', field: 'enable_chat' })
      .first<{ value: string | null } | undefined>('value')
    return row?.value !== '0'
  })
  if (!enabled) throw new PermissionError('Chat is switched off on this site. Ask an administrator.')
}
