import type { Context } from '@f-chat/desk'
import { joined, type Call, type DeviceState } from './call.ts'
import { iceServersFor } from './ice.ts'
import { callSettings } from './settings.ts'
import type { CallIdentity } from './store.ts'

/** How media travel: from each to each, between so many at most (null: no limit). */
export interface MediaPlan {
  kind: 'mesh'
  max: number | null
}

/** A device in a call, with what it tells of itself. */
export interface DeviceShown {
  user: string
  device: string
  state: DeviceState
}

/** What a device needs to take part; the credentials in it are the caller's own. */
export interface CallTicket {
  call_session_id: string
  session_id: string
  room_id: string
  call_type: string
  initiated_by: string
  ice_servers: object[]
  media: MediaPlan
  devices: DeviceShown[]
}

export function ticketFor(ctx: Context, session: CallIdentity, call: Call): CallTicket {
  const settings = callSettings(ctx.site)
  return {
    call_session_id: session.name,
    session_id: session.session_id,
    room_id: session.room,
    call_type: call.type,
    initiated_by: call.initiator,
    ice_servers: iceServersFor(settings, ctx.user, Date.now()),
    media: { kind: 'mesh', max: settings.most },
    devices: devicesIn(call),
  }
}

export const devicesIn = (call: Call): DeviceShown[] =>
  joined(call).flatMap(({ user, device, state }) => (device === null ? [] : [{ user, device, state }]))
