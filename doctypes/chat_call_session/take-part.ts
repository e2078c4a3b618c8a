import { PermissionError, ValidationError, type Context } from '@f-chat/desk'
import { postMessage } from '../chat_message/post.ts'
import { isBlank } from '../text.ts'
import { busyUsers } from './busy.ts'
import { isOver, placeOf, type Call, type CallType, type DeviceState } from './call.ts'
import { holdForMember, holdRunning } from './hold.ts'
import { invitees } from './invitees.ts'
import { holdsPlace, joinedDevice, noteLife, ownDevice, ownPlace } from './own.ts'
import { callSettings } from './settings.ts'

/** A device of the caller's shows that the call rings. @returns the status of the caller's place */
export async function acknowledge(ctx: Context, name: string): Promise<string> {
  const { held } = await holdRunning(ctx, name)
  const place = ownPlace(ctx, held.call)
  const call = await held.happen({ type: 'ack', user: ctx.user, device: ownDevice(ctx, place) })
  return ownPlace(ctx, call).status
}

/**
 * Leaves the call, or does not come. A device that does not hold the caller's place leaves nothing.
 * @returns whether the call is over
 */
export async function leaveCall(ctx: Context, name: string): Promise<boolean> {
  const { held } = await holdForMember(ctx, name)
  if (!held) return true
  if (isOver(held.call)) {
    await held.store()
    return true
  }
  const place = ownPlace(ctx, held.call)
  const elsewhere = place.device !== null && ctx.device !== undefined && !holdsPlace(ctx, place)
  const device = elsewhere ? { device: ctx.device } : {}
  const call = await held.happen({ type: 'leave', user: ctx.user, ...device })
  return isOver(call)
}

export interface RejectedCall {
  call_ended: boolean
  /** The message that went to the room with it. */
  message_id: string | null
}

/** Declines, with a message to the room if there is one. @throws also what sending the message throws */
export async function rejectCall(
  ctx: Context,
  name: string,
  message: string | undefined,
): Promise<RejectedCall> {
  let { held } = await holdRunning(ctx, name)
  if (ownPlace(ctx, held.call).status === 'Joined') {
    throw new ValidationError('You are in this call. Leave it instead of declining it.')
  }
  let message_id: string | null = null
  if (message !== undefined && !isBlank(message)) {
    const sent = await postMessage(ctx, {
      room: held.room.name,
      content: message,
      type: 'Text',
      replyTo: undefined,
      attachments: [],
      clientId: undefined,
    })
    message_id = sent.message_id
    // The message has moved the room's numbers.
    held = (await holdRunning(ctx, name)).held
  }
  const call = await held.happen({ type: 'reject', user: ctx.user })
  return { call_ended: isOver(call), message_id }
}

export interface Invited {
  /** Who is rung now. */
  invited: string[]
  /** Everybody who is part of the call. */
  participants: string[]
  busy: string[]
}

/** Asks more members of the room into the call that the caller is in. */
export async function inviteToCall(ctx: Context, name: string, users: readonly string[]): Promise<Invited> {
  const { held, member } = await holdRunning(ctx, name)
  if (member.is_muted) throw new PermissionError('You are muted in this room. Ask one of its Admins.')
  joinedDevice(ctx, held.call)
  const wanted = await invitees(ctx, held.room.name, users)
  const rang = new Set(ringingUsers(held.call))
  const ringsUntil = held.now + callSettings(ctx.site).ringMs
  const call = await held.happen({ type: 'invite', user: ctx.user, users: wanted, ringsUntil })
  const participants = call.places.map(({ user }) => user)
  return {
    invited: ringingUsers(call).filter((user) => !rang.has(user)),
    participants,
    busy: await busyUsers(ctx, name, participants),
  }
}

const ringingUsers = (call: Call): string[] =>
  call.places.filter(({ ringsUntil }) => ringsUntil !== null).map(({ user }) => user)

/** Makes an audio call one with video. */
export async function upgradeCall(ctx: Context, name: string, to: CallType): Promise<string> {
  const { held } = await holdRunning(ctx, name)
  joinedDevice(ctx, held.call)
  const call = await held.happen({ type: 'upgrade', to })
  return call.type
}

/** Tells the others what the caller's device does. @returns all that it has told so far */
export async function updateState(ctx: Context, name: string, state: DeviceState): Promise<DeviceState> {
  const { held } = await holdRunning(ctx, name)
  const device = joinedDevice(ctx, held.call)
  noteLife(ctx, device, held.now)
  const call = await held.happen({ type: 'device_state', user: ctx.user, device, state })
  return placeOf(call, ctx.user)?.state ?? {}
}
