import type { Context, Document } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import type { LockedRoom } from '../chat_room/change.ts'
import { holdForServer, holdInRoom } from './hold.ts'

/**
 * Takes a user out of the call of a room that is held already, joined or invited: to be called where a membership
 * ends, before the user's sockets leave the room.
 */
export async function leaveCallsOf(ctx: Context, room: LockedRoom, user: string): Promise<void> {
  const held = await holdInRoom(ctx, room)
  await held?.happen({ type: 'member_removed', user })
}

/** Ends the call of a room that is held already: to be called where the room is archived or deleted. */
export async function endCallOf(ctx: Context, room: LockedRoom): Promise<void> {
  const held = await holdInRoom(ctx, room)
  await held?.happen({ type: 'room_archived' })
}

/** A user who is disabled leaves all running calls at once; for the User document's `on_update`. */
export async function leaveWhenDisabled(user: Document, ctx: Context): Promise<void> {
  if (user.get('enabled') !== 0 || !user.hasValueChanged('enabled')) return
  const calls = await rowsOf<{ name: string }>(
    ctx
      .db('tabChat Call Session as s')
      .join('tabChat Call Participant as p', 'p.parent', 's.name')
      .whereNotNull('s.active_room')
      .where('p.user', user.name)
      .orderBy('s.chat_room')
      .select('s.name as name'),
  )
  for (const { name } of calls) {
    const held = await holdForServer(ctx, name)
    await held?.happen({ type: 'user_disabled', user: user.name })
  }
}
