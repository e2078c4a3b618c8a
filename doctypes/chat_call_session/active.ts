import type { Context } from '@f-chat/desk'
import { memberRoom } from '../chat_room/membership.ts'
import { isOver, placeOf, type DeviceState } from './call.ts'
import { iceServersFor } from './ice.ts'
import { withLiveDevices } from './lives.ts'
import { step } from './machine.ts'
import { noteLife } from './own.ts'
import { callSettings } from './settings.ts'
import { CALL_COLUMNS, readRow, type CallRow } from './store.ts'
import type { MediaPlan } from './ticket.ts'

interface ParticipantShown {
  user: string
  full_name: string
  user_image: string | null
  status: string
  joined_time: string | null
  device: string | null
  state: DeviceState
}

export interface ActiveCall {
  call_session_id: string
  session_id: string
  room_id: string
  call_type: string
  call_status: string
  initiated_by: string
  start_time: string
  participants: ParticipantShown[]
  ice_servers: object[]
  media: MediaPlan
  is_participant: boolean
}

/** The call that runs in one of the caller's rooms, or null; three statements. */
export async function activeCall(ctx: Context, roomId: string): Promise<ActiveCall | null> {
  const { name: room } = await memberRoom(ctx, roomId)
  const row = await ctx
    .db('tabChat Call Session')
    .where({ active_room: room })
    .first<CallRow | undefined>(CALL_COLUMNS)
  const stored = row && readRow(row)
  if (!stored?.call) return null
  const now = Date.now()
  const own = placeOf(stored.call, ctx.user)
  const device = own?.device ?? null
  if (device !== null && device === (ctx.device ?? device)) noteLife(ctx, device, now)
  // A deadline that has passed counts, whether it has been swept or not.
  const [call] = step(withLiveDevices(ctx.site, stored.call, now), { type: 'tick', at: now })
  if (isOver(call)) return null
  const people = await names(
    ctx,
    call.places.map(({ user }) => user),
  )
  const { clock } = ctx.site
  const settings = callSettings(ctx.site)
  return {
    call_session_id: stored.name,
    session_id: stored.session_id,
    room_id: room,
    call_type: call.type,
    call_status: call.status,
    initiated_by: call.initiator,
    start_time: clock.at(call.startedAt),
    participants: call.places.map(({ user, status, firstJoined, device, state }) => ({
      user,
      full_name: people.get(user)?.full_name ?? user,
      user_image: people.get(user)?.user_image ?? null,
      status,
      joined_time: firstJoined === null ? null : clock.at(firstJoined),
      device,
      state,
    })),
    ice_servers: iceServersFor(settings, ctx.user, now),
    media: { kind: 'mesh', max: settings.most },
    is_participant: placeOf(call, ctx.user) !== undefined,
  }
}

interface Named {
  name: string
  full_name: string | null
  user_image: string | null
}

async function names(ctx: Context, users: readonly string[]): Promise<ReadonlyMap<string, Named>> {
  const rows = await ctx
    .db('tabUser')
    .whereIn('name', users)
    .select<Named[]>('name', 'full_name', 'user_image')
  return new Map(rows.map((row) => [row.name, row]))
}
