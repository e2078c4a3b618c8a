import type { Context } from '@f-chat/desk'
import ChatSettings from '../chat_settings/chat_settings.ts'
import { rowsOf } from '../query.ts'
import type { Removal } from './remove-old.ts'

const DAY_MS = 86_400_000
/** Longer than any site has been there, and within what a date can hold. */
const MOST_DAYS = 36_500

/** A room from which old messages go. */
export interface Expiry {
  room: string
  removal: Removal
}

/**
 * The rooms that have messages older than they keep them: for the room's own days, else, where Chat Settings have
 * old messages deleted, for theirs. Archived and deleted rooms are no exception.
 */
export async function findExpired(ctx: Context): Promise<Expiry[]> {
  const settings = await ChatSettings.read(ctx)
  const rooms = await rowsOf<{ name: string; days: number }>(
    ctx
      .db('tabChat Room')
      .where((any) => {
        void any.where('auto_delete_messages_after_days', '>', 0)
        if (settings.auto_delete_old_messages) void any.orWhere('auto_delete_messages_after_days', 0)
      })
      .orderBy('name')
      .select('name', 'auto_delete_messages_after_days as days'),
  )
  const now = Date.now()
  return rooms.map(({ name, days }) => {
    const kept = Math.min(days > 0 ? days : settings.auto_delete_after_days, MOST_DAYS)
    return { room: name, removal: { before: ctx.site.clock.at(now - kept * DAY_MS), keepFirst: true } }
  })
}
