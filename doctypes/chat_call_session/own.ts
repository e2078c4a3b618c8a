import { DuplicateEntryError, PermissionError, type Context } from '@f-chat/desk'
import { liveDevicesOf } from '../../realtime/devices.ts'
import { placeOf, type Call, type Instant, type Place } from './call.ts'
import { callSettings } from './settings.ts'

/** The caller's place. @throws PermissionError for who is not part of the call */
export function ownPlace(ctx: Context, call: Call): Place {
  const place = placeOf(call, ctx.user)
  if (!place) throw new PermissionError('You are not part of this call. Join it first.')
  return place
}

/**
 * The device that calls, in this call. Who names none speaks for the place wherever it is, and otherwise for the one
 * device of the login.
 */
export function ownDevice(ctx: Context, place: Place | undefined): string {
  return ctx.device ?? place?.device ?? ctx.sessionDevice
}

/** Whether the place is held by the device that calls, or by its login before it had a name. */
export function holdsPlace(ctx: Context, { device }: Place): boolean {
  return device !== null && [ctx.device ?? device, ctx.sessionDevice].includes(device)
}

/** The device that the caller is in the call on. @throws PermissionError where that is not the one that calls */
export function joinedDevice(ctx: Context, call: Call): string {
  const place = ownPlace(ctx, call)
  if (place.device === null) throw new PermissionError('You are not in this call. Join it first.')
  if (!holdsPlace(ctx, place)) throw new PermissionError(ELSEWHERE)
  return place.device
}

const ELSEWHERE = 'You are in this call on another device. Join with takeover=1 to move it here.'

/** Another device of the same user has the place. */
export function heldElsewhere(device: string): Error {
  return conflict(ELSEWHERE, { device })
}

/** Something is in the way that the client can go on with. */
export function conflict(message: string, data: Record<string, unknown>): Error {
  const error = new DuplicateEntryError(message)
  error.data = data
  return error
}

/** Notes that the device has called. @returns until when it is believed to live without a further sign */
export function noteLife(ctx: Context, device: string, now: Instant): Instant {
  const live = liveDevicesOf(ctx.site)
  const { leaseMs, withoutSocketMs } = callSettings(ctx.site)
  if (live.hasSocket(ctx.user, device)) return now + leaseMs
  live.heard(ctx.user, device, now)
  return now + withoutSocketMs
}
