import { ValidationError, type Context } from '@f-chat/desk'
import { requireChat } from '../chat_settings/require-chat.ts'
import { joined, placeOf } from './call.ts'
import { holdRunning, type HeldCall } from './hold.ts'
import { heldElsewhere, holdsPlace, noteLife, ownDevice } from './own.ts'
import { callSettings } from './settings.ts'
import { ticketFor, type CallTicket } from './ticket.ts'

export interface JoinedTicket extends CallTicket {
  /** Users who are in it now. */
  active_participants: string[]
}

/**
 * Takes the caller's place in a running call, or a new one, on the device that calls. A place that another device
 * holds moves with `takeover`, and by itself where that device is gone.
 * @throws DoesNotExistError (outsiders too), ValidationError (over, full), DuplicateEntryError (held elsewhere)
 */
export async function joinCall(ctx: Context, name: string, takeover: boolean): Promise<JoinedTicket> {
  await requireChat(ctx)
  const { held } = await holdRunning(ctx, name)
  return await takePlace(held, takeover)
}

export async function takePlace(held: HeldCall, takeover = false): Promise<JoinedTicket> {
  const { ctx, session, now } = held
  const place = placeOf(held.call, ctx.user)
  const device = ownDevice(ctx, place)
  const isIn = place?.status === 'Joined'
  if (isIn && !takeover && !place.gone && place.device !== null && !holdsPlace(ctx, place))
    throw heldElsewhere(place.device)
  if (!isIn) checkSize(held)
  const aliveUntil = noteLife(ctx, device, now)
  // A place that the login held before the page had a name is the page's.
  const mine = takeover || (place !== undefined && holdsPlace(ctx, place))
  const call = await held.happen({ type: 'join', user: ctx.user, device, takeover: mine, aliveUntil })
  return { ...ticketFor(ctx, session, call), active_participants: joined(call).map(({ user }) => user) }
}

function checkSize({ ctx, call }: HeldCall): void {
  const { most } = callSettings(ctx.site)
  if (most === null || joined(call).length < most) return
  throw new ValidationError(
    `This call is full: at most ${String(most)} people can be in it. Wait until somebody leaves.`,
  )
}
