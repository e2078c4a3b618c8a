import type { Context } from '@f-chat/desk'
import { presenceOf } from '../../realtime/presence.ts'
import { CHAT_SETTINGS, requireChat } from '../chat_settings/require-chat.ts'
import { memberRoom } from './membership.ts'
import { personShown } from './names.ts'
import { requirePower } from './require.ts'

const NOT_THERE = 'Only Admins and Moderators post in an Announcement room.'

/**
 * Tells the others that the caller types in a room, or has stopped. Who may not write there does not type there; where
 * an administrator has switched the indicators off, nobody is told.
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError
 */
export async function tellTyping(ctx: Context, room: string, isTyping: boolean): Promise<void> {
  const found = await memberRoom(ctx, room)
  const { typing } = presenceOf(ctx.site)
  if (!isTyping) {
    await typing.stop(ctx.user, found.name)
    return
  }
  requirePower(found, found, 'can_send_messages', NOT_THERE)
  await requireChat(ctx)
  if (!(await isShown(ctx))) return
  const { name } = await personShown(ctx, ctx.user)
  await typing.typing({ user: ctx.user, name, room: found.name })
}

function isShown(ctx: Context): Promise<boolean> {
  return ctx.cached(CHAT_SETTINGS, 'enable_typing_indicators', async (db) => {
    const row = await db('tabSingles')
      .where({ doctype: 'Chat Settings', field: 'enable_typing_indicators' })
      .first<{ value: string | null } | undefined>('value')
    return row?.value !== '0'
  })
}
