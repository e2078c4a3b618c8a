import { defineMethod, Type } from '@f-chat/desk'
import { activeCall } from '../doctypes/chat_call_session/active.ts'
import { callHistory } from '../doctypes/chat_call_session/history.ts'
import { joinCall } from '../doctypes/chat_call_session/join.ts'
import { startCall } from '../doctypes/chat_call_session/start.ts'
import {
  acknowledge,
  inviteToCall,
  leaveCall,
  rejectCall,
  updateState,
  upgradeCall,
} from '../doctypes/chat_call_session/take-part.ts'
import { PaginationShown } from './shapes.ts'
import { answerOf, Flag, longPath, Page, pageSize, paginate, RoomId } from './shared.ts'

const MODULE = 'call_management'

const CallId = Type.String({ minLength: 1, maxLength: 140 })
const UserId = Type.String({ minLength: 1, maxLength: 140 })
const CallType = Type.Union([Type.Literal('Audio'), Type.Literal('Video')], { default: 'Audio' })

/** What a device tells the others of itself. */
const DeviceState = Type.Object(
  {
    audio: Type.Optional(Type.Boolean()),
    video: Type.Optional(Type.Boolean()),
    screen: Type.Optional(Type.Boolean()),
    hand: Type.Optional(Type.Boolean()),
    media: Type.Optional(
      Type.Union([Type.Literal('connecting'), Type.Literal('connected'), Type.Literal('failed')]),
    ),
    quality: Type.Optional(Type.String({ maxLength: 20 })),
  },
  { additionalProperties: false },
)

const Users = Type.Array(Type.String())
const Nullable = Type.Union([Type.String(), Type.Null()])
/** As `RTCPeerConnection` takes them. */
const IceServers = Type.Array(Type.Object({}))
const Media = Type.Object({
  kind: Type.Literal('mesh'),
  max: Type.Union([Type.Integer(), Type.Null()]),
})

const ticket = {
  call_session_id: Type.String(),
  session_id: Type.String(),
  room_id: Type.String(),
  call_type: Type.String(),
  initiated_by: Type.String(),
  ice_servers: IceServers,
  media: Media,
  devices: Type.Array(Type.Object({ user: Type.String(), device: Type.String(), state: DeviceState })),
}

export const initiateCall = defineMethod({
  name: 'f_chat.initiate_call',
  summary: 'Calls the members of a room; one active call a room.',
  aliases: [longPath(MODULE, 'initiate_call')],
  writes: true,
  input: Type.Object({
    room_id: RoomId,
    call_type: CallType,
    /** Whom to ring; none for all other members. */
    participants: Type.Optional(Type.Array(UserId, { maxItems: 10_000 })),
  }),
  output: answerOf({ ...ticket, participants: Users, busy: Users, joined_existing: Type.Boolean() }),
  async handler({ room_id, call_type, participants }, ctx) {
    const data = await startCall(ctx, { room: room_id, type: call_type, participants })
    return { success: true, message: data.joined_existing ? 'Call joined' : 'Call started', data }
  },
})

export const joinRunningCall = defineMethod({
  name: 'f_chat.join_call',
  summary:
    'Joins a running call on this device; with `takeover`, moves the caller’s place here from another device.',
  aliases: [longPath(MODULE, 'join_call')],
  writes: true,
  input: Type.Object({ call_session_id: CallId, takeover: Flag(false) }),
  output: answerOf({ ...ticket, active_participants: Users }),
  async handler({ call_session_id, takeover }, ctx) {
    const data = await joinCall(ctx, call_session_id, takeover)
    return { success: true, message: 'Call joined', data }
  },
})

export const leaveRunningCall = defineMethod({
  name: 'f_chat.leave_call',
  summary: 'Leaves a call; it ends as soon as fewer than two people could still be in it.',
  aliases: [longPath(MODULE, 'leave_call')],
  writes: true,
  input: Type.Object({ call_session_id: CallId }),
  output: answerOf({ call_ended: Type.Boolean() }),
  async handler({ call_session_id }, ctx) {
    const call_ended = await leaveCall(ctx, call_session_id)
    return { success: true, message: call_ended ? 'Call ended' : 'Call left', data: { call_ended } }
  },
})

export const rejectRunningCall = defineMethod({
  name: 'f_chat.reject_call',
  summary: 'Declines a call; a message goes to the room as the caller’s own.',
  aliases: [longPath(MODULE, 'reject_call')],
  writes: true,
  input: Type.Object({ call_session_id: CallId, message: Type.Optional(Type.String()) }),
  output: answerOf({ call_ended: Type.Boolean(), message_id: Nullable }),
  async handler({ call_session_id, message }, ctx) {
    const data = await rejectCall(ctx, call_session_id, message)
    return { success: true, message: 'Call declined', data }
  },
})

export const ackRing = defineMethod({
  name: 'f_chat.ack_ring',
  summary: 'This device shows that the call rings.',
  aliases: [longPath(MODULE, 'ack_ring')],
  writes: true,
  input: Type.Object({ call_session_id: CallId }),
  output: answerOf({ status: Type.String() }),
  async handler({ call_session_id }, ctx) {
    return { success: true, data: { status: await acknowledge(ctx, call_session_id) } }
  },
})

export const inviteToRunningCall = defineMethod({
  name: 'f_chat.invite_to_call',
  summary: 'Rings for more members of the room.',
  aliases: [longPath(MODULE, 'invite_to_call')],
  writes: true,
  input: Type.Object({ call_session_id: CallId, users: Type.Array(UserId, { minItems: 1, maxItems: 1000 }) }),
  output: answerOf({ invited: Users, participants: Users, busy: Users }),
  async handler({ call_session_id, users }, ctx) {
    const data = await inviteToCall(ctx, call_session_id, users)
    return { success: true, message: 'Invited', data }
  },
})

export const upgradeRunningCall = defineMethod({
  name: 'f_chat.upgrade_call',
  summary: 'Makes an audio call one with video.',
  aliases: [longPath(MODULE, 'upgrade_call')],
  writes: true,
  input: Type.Object({
    call_session_id: CallId,
    call_type: Type.Union([Type.Literal('Video')], { default: 'Video' }),
  }),
  output: answerOf({ call_type: Type.String() }),
  async handler({ call_session_id, call_type }, ctx) {
    const upgraded = await upgradeCall(ctx, call_session_id, call_type)
    return { success: true, message: 'Call upgraded', data: { call_type: upgraded } }
  },
})

export const updateCallState = defineMethod({
  name: 'f_chat.update_call_state',
  summary: 'Tells the others what the caller’s device does.',
  aliases: [longPath(MODULE, 'update_call_state')],
  writes: true,
  rateLimit: { limit: 600, seconds: 60, per: 'user' },
  input: Type.Object({ call_session_id: CallId, state: DeviceState }),
  output: answerOf({ state: DeviceState }),
  async handler({ call_session_id, state }, ctx) {
    return { success: true, data: { state: await updateState(ctx, call_session_id, state) } }
  },
})

const ActiveCall = Type.Object(
  {
    call_session_id: Type.String(),
    session_id: Type.String(),
    room_id: Type.String(),
    call_type: Type.String(),
    call_status: Type.String(),
    initiated_by: Type.String(),
    start_time: Type.String(),
    participants: Type.Array(
      Type.Object({
        user: Type.String(),
        full_name: Type.String(),
        user_image: Nullable,
        status: Type.String(),
        joined_time: Nullable,
        device: Nullable,
        state: DeviceState,
      }),
    ),
    ice_servers: IceServers,
    media: Media,
    is_participant: Type.Boolean(),
  },
  { additionalProperties: false },
)

export const getActiveCall = defineMethod({
  name: 'f_chat.get_active_call',
  summary: 'The call that runs in a room.',
  aliases: [longPath(MODULE, 'get_active_call')],
  input: Type.Object({ room_id: RoomId }),
  output: answerOf({ has_active_call: Type.Boolean(), call: Type.Union([ActiveCall, Type.Null()]) }),
  async handler({ room_id }, ctx) {
    const call = await activeCall(ctx, room_id)
    return { success: true, data: { has_active_call: call !== null, call } }
  },
})

const PastCall = Type.Object(
  {
    name: Type.String(),
    session_id: Nullable,
    chat_room: Type.String(),
    room_name: Type.String(),
    room_type: Type.String(),
    call_type: Type.String(),
    call_status: Type.String(),
    initiated_by: Type.String(),
    initiated_by_name: Type.String(),
    start_time: Nullable,
    end_time: Nullable,
    /** Seconds. */
    total_duration: Type.Integer(),
    participant_count: Type.Integer(),
    /** What became of the caller's own place. */
    user_status: Type.String(),
  },
  { additionalProperties: false },
)

export const getCallHistory = defineMethod({
  name: 'f_chat.get_call_history',
  summary: 'The calls that the caller was invited to, newest first.',
  aliases: [longPath(MODULE, 'get_call_history')],
  input: Type.Object({ room_id: Type.Optional(RoomId), page: Page, page_size: pageSize(20) }),
  output: answerOf({ call_sessions: Type.Array(PastCall), pagination: PaginationShown }),
  async handler({ room_id, page, page_size }, ctx) {
    const { calls, total } = await callHistory(ctx, {
      room: room_id,
      limit: page_size,
      offset: (page - 1) * page_size,
    })
    return { success: true, data: { call_sessions: calls, pagination: paginate(total, page, page_size) } }
  },
})
