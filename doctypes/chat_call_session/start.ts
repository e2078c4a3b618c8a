import { randomUUID } from 'node:crypto'
import { PermissionError, ValidationError, type Context } from '@f-chat/desk'
import { postSystemMessage } from '../chat_message/system.ts'
import { lockMemberRoom, type LockedRoom } from '../chat_room/change.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { busyUsers, callOf } from './busy.ts'
import { begin, isOver, placeOf, type Call, type CallType } from './call.ts'
import ChatCallSession from './chat_call_session.ts'
import { perform } from './effects.ts'
import { holdInRoom, type HeldCall } from './hold.ts'
import { tellPresence } from './in-call.ts'
import { invitees } from './invitees.ts'
import { takePlace } from './join.ts'
import { conflict, noteLife, ownDevice } from './own.ts'
import { runningCallsOf } from './running.ts'
import { callSettings } from './settings.ts'
import { fieldsOf, participantOf, type CallIdentity } from './store.ts'
import { startText } from './texts.ts'
import { ticketFor, type CallTicket } from './ticket.ts'

export interface CallDraft {
  room: string
  type: CallType
  /** Whom to ring; none, or undefined, for all other members. */
  participants: readonly string[] | undefined
}

export interface StartedTicket extends CallTicket {
  /** Everybody who is part of it. */
  participants: string[]
  /** Of them, those who are in another call. */
  busy: string[]
  /** The other had called at the same moment: this is their call, and the caller is in it. */
  joined_existing: boolean
}

/**
 * Starts a call and rings. Where two call each other at the same moment, the later one joins the call of the earlier.
 * @throws DoesNotExistError (outsiders too), PermissionError (muted), ValidationError (archived, nobody to call),
 * DuplicateEntryError where a call runs in the room, or the caller is in another one
 */
export async function startCall(ctx: Context, draft: CallDraft): Promise<StartedTicket> {
  await requireChat(ctx)
  const { room, member } = await lockMemberRoom(ctx, draft.room)
  if (member.is_muted) throw new PermissionError('You are muted in this room. Ask one of its Admins.')
  if (room.room_status !== 'Active') {
    throw new ValidationError('This room is archived: nobody can be called in it.')
  }
  const running = await holdInRoom(ctx, room)
  if (running && !isOver(running.call)) return await meet(running)
  await running?.store()
  const elsewhere = await callOf(ctx, ctx.user)
  if (elsewhere !== undefined) {
    throw conflict(`You are in another call (${elsewhere}). Leave it first.`, {
      call_session_id: elsewhere,
    })
  }
  const invited = await invitees(ctx, room.name, draft.participants)
  const { session, call } = await insertCall(ctx, room, draft.type, invited)
  return await started(ctx, session, call, false)
}

/** The call that runs already: the ringing one of a Direct Message is joined. */
async function meet(held: HeldCall): Promise<StartedTicket> {
  const { ctx, room, session, call } = held
  const place = placeOf(call, ctx.user)
  const rings = place?.status === 'Invited' || place?.status === 'Ringing'
  if (room.room_type !== 'Direct Message' || !rings) {
    throw conflict(`A call is running in this room (${session.name}). Join it instead.`, {
      call_session_id: session.name,
    })
  }
  await takePlace(held)
  return await started(ctx, session, held.call, true)
}

async function started(
  ctx: Context,
  session: CallIdentity,
  call: Call,
  joined_existing: boolean,
): Promise<StartedTicket> {
  const participants = call.places.map(({ user }) => user)
  const busy = await busyUsers(ctx, session.name, participants)
  return { ...ticketFor(ctx, session, call), participants, busy, joined_existing }
}

async function insertCall(
  ctx: Context,
  room: LockedRoom,
  type: CallType,
  invited: readonly string[],
): Promise<{ session: CallIdentity; call: Call }> {
  const at = Date.now()
  const device = ownDevice(ctx, undefined)
  const aliveUntil = noteLife(ctx, device, at)
  const ringsUntil = at + callSettings(ctx.site).ringMs
  const call = begin({ initiator: ctx.user, device, type, invited, at, ringsUntil, aliveUntil })
  const document = ChatCallSession.fromServer(ctx, {
    ...fieldsOf(ctx, room.name, call),
    chat_room: room.name,
    initiated_by: ctx.user,
    start_time: ctx.site.clock.at(at),
    session_id: randomUUID(),
    participants: call.places.map((place) => participantOf(ctx, place)),
  })
  await document.insert({ ignorePermissions: true, ignoreLinks: true })
  const session = { name: document.name, session_id: document.text('session_id'), room: room.name }
  tellPresence(ctx, null, call)
  ctx.afterCommit(() => {
    runningCallsOf(ctx.site).note(session.name, call)
  })
  await postSystemMessage(ctx, room, startText(type))
  await perform(ctx, room, session, call, [{ do: 'ring', users: invited }])
  return { session, call }
}
