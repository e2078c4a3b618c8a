import type { Context } from '@f-chat/desk'
import { publishToRoom, publishToUser, type ChatEvents } from '../../realtime/events.ts'
import { postSystemMessage } from '../chat_message/system.ts'
import type { LockedRoom } from '../chat_room/change.ts'
import { busyUsers } from './busy.ts'
import { isOver, type Call } from './call.ts'
import { iceServersFor } from './ice.ts'
import { totalDuration, type CallEffect } from './machine.ts'
import { callSettings } from './settings.ts'
import type { CallIdentity } from './store.ts'
import { endText } from './texts.ts'

type Doing<D extends CallEffect['do']> = Extract<CallEffect, { do: D }>

/** Tells the room, and whoever is rung, what a step has brought; all of it after the commit. */
export async function perform(
  ctx: Context,
  room: LockedRoom,
  session: CallIdentity,
  call: Call,
  effects: readonly CallEffect[],
): Promise<void> {
  const about = { call_session_id: session.name, session_id: session.session_id, room_id: room.name }
  const tell = <E extends keyof ChatEvents>(event: E, message: ChatEvents[E]): void => {
    publishToRoom(ctx, room.name, event, message)
  }
  for (const effect of effects) {
    switch (effect.do) {
      case 'ring':
        await ring(ctx, session, call, effect)
        break
      case 'tell_ringing':
        tell('call_ringing', { ...about, user: effect.user, device: effect.device })
        break
      case 'tell_joined':
        tell('call_participant_joined', { ...about, user: effect.user, device: effect.device })
        break
      case 'tell_left':
        tell('call_participant_left', { ...about, user: effect.user, call_ended: isOver(call) })
        break
      case 'tell_rejected':
        tell('call_rejected', { ...about, user: effect.user })
        break
      case 'tell_invited':
        tell('call_invited', { ...about, user: effect.user, users: effect.users })
        break
      case 'tell_upgraded':
        tell('call_upgraded', { ...about, call_type: effect.to })
        break
      case 'tell_state':
        tell('call_state_changed', {
          ...about,
          user: effect.user,
          device: effect.device,
          state: effect.state,
        })
        break
      case 'tell_ended':
        tell('call_ended', { ...about, call_status: effect.status, total_duration: totalDuration(call) })
        await postSystemMessage(ctx, room, endText(call, effect.status), call.initiator)
    }
  }
}

/** Rings on every device of each of these; each gets credentials of their own. */
async function ring(
  ctx: Context,
  session: CallIdentity,
  call: Call,
  { users }: Doing<'ring'>,
): Promise<void> {
  const settings = callSettings(ctx.site)
  const participants = call.places.map(({ user }) => user)
  const busy = await busyUsers(ctx, session.name, participants)
  const now = Date.now()
  for (const user of users) {
    publishToUser(ctx, user, 'call_initiated', {
      call_session_id: session.name,
      session_id: session.session_id,
      room_id: session.room,
      call_type: call.type,
      initiated_by: call.initiator,
      participants,
      busy,
      ice_servers: iceServersFor(settings, user, now),
    })
  }
}
