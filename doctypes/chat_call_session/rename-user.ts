import type { Context } from '@f-chat/desk'
import { lockRoom } from '../chat_room/change.ts'
import { rowsOf } from '../query.ts'
import type { Call } from './call.ts'
import { forgetPlaces } from './places.ts'
import { lockCall } from './store.ts'

/** In the running calls that a user is part of they have another name from now on; they have left them already. */
export async function renameInCalls(ctx: Context, from: string, to: string): Promise<void> {
  const calls = await rowsOf<{ name: string; chat_room: string }>(
    ctx
      .db('tabChat Call Session')
      .whereNotNull('running_state')
      .orderBy('chat_room')
      .select('name', 'chat_room'),
  )
  for (const { name, chat_room } of calls) {
    await lockRoom(ctx, chat_room, { deleted: true })
    const call = (await lockCall(ctx, { name }))?.call
    if (!call || !isPartOf(call, from)) continue
    const renamed = withName(call, from, to)
    await ctx
      .db('tabChat Call Session')
      .where({ name })
      .update({ running_state: JSON.stringify(renamed) })
    forgetPlaces(ctx)
  }
}

const isPartOf = (call: Call, user: string): boolean =>
  call.initiator === user || call.places.some((place) => place.user === user)

/** Of two places that would be one user's, that of the user who stays is kept. */
function withName(call: Call, from: string, to: string): Call {
  const hasPlace = call.places.some(({ user }) => user === to)
  const places = hasPlace
    ? call.places.filter(({ user }) => user !== from)
    : call.places.map((place) => (place.user === from ? { ...place, user: to } : place))
  return { ...call, initiator: call.initiator === from ? to : call.initiator, places }
}
