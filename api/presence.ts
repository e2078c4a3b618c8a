import { defineMethod, isLiveConnection, Type } from '@f-chat/desk'
import { activePositions, roomPositions } from '../doctypes/chat_room/positions.ts'
import {
  onlineAround,
  onlineIn,
  readStatus,
  statusesOf,
  type UserStatus,
} from '../doctypes/chat_user_activity/status.ts'
import { storeStatus } from '../doctypes/chat_user_activity/choose.ts'
import { watch } from '../doctypes/chat_user_activity/watch.ts'
import { movedSince } from '../realtime/beats.ts'
import { presenceOf } from '../realtime/presence.ts'
import { OptionalText, UserId } from './room-shapes.ts'
import { Check } from './shapes.ts'
import { realtimePaths, RoomId } from './shared.ts'

const Text = Type.String()
const Status = [
  Type.Literal('online'),
  Type.Literal('away'),
  Type.Literal('busy'),
  Type.Literal('offline'),
] as const
const StatusShape = Type.Union([...Status])

const UserStatusShape = {
  user: Text,
  status: StatusShape,
  is_online: Check,
  last_seen: OptionalText,
  last_activity: OptionalText,
  full_name: Text,
}

const OnlineUserShape = Type.Object({
  user: Text,
  full_name: Text,
  chat_status: StatusShape,
  last_activity: OptionalText,
})

const statusShown = ({ user, full_name, status, last_seen, last_activity }: UserStatus) => ({
  ...{ user, status, is_online: status === 'offline' ? 0 : 1, last_seen, last_activity, full_name },
})

const onlineShown = ({ user, full_name, status, last_activity }: UserStatus) => ({
  ...{ user, full_name, chat_status: status, last_activity },
})

export const heartbeat = defineMethod({
  name: 'f_chat.heartbeat',
  summary:
    'Someone is there; answers which of their rooms have moved since the last beat of the same socket.',
  aliases: realtimePaths('heartbeat'),
  input: Type.Object({}),
  output: Type.Object({
    success: Type.Literal(true),
    timestamp: Text,
    rooms: Type.Record(Text, Type.Integer()),
  }),
  async handler(_args, ctx) {
    await presenceOf(ctx.site).beat(ctx)
    const rooms = movedSince(ctx.connection, activePositions(await roomPositions(ctx)))
    return { success: true, timestamp: ctx.now(), rooms }
  },
})

export const updateUserStatus = defineMethod({
  name: 'f_chat.update_user_status',
  summary: 'Sets the caller’s status by hand; with `online` it follows what they do again.',
  aliases: realtimePaths('update_user_status'),
  writes: true,
  input: Type.Object({ status: Type.Union([...Status], { default: 'online' }) }),
  output: Type.Object({ success: Type.Literal(true), message: Text, status: StatusShape, user: Text }),
  async handler({ status }, ctx) {
    await storeStatus(ctx, status)
    return { success: true, message: `Your status is ${status}`, status, user: ctx.user }
  },
})

export const getUserStatus = defineMethod({
  name: 'f_chat.get_user_status',
  summary: 'A user’s status, or the caller’s own.',
  aliases: realtimePaths('get_user_status'),
  input: Type.Object({ user: Type.Optional(UserId) }),
  output: Type.Object({ success: Type.Literal(true), ...UserStatusShape }),
  async handler({ user }, ctx) {
    return { success: true, ...statusShown(await readStatus(ctx, user)) }
  },
})

export const getOnlineUsers = defineMethod({
  name: 'f_chat.get_online_users',
  summary: 'Who is there: among all with whom the caller shares a room, or among the members of one room.',
  aliases: realtimePaths('get_online_users'),
  input: Type.Object({ room_id: Type.Optional(RoomId) }),
  output: Type.Union([
    Type.Object({ success: Type.Literal(true), users: Type.Array(OnlineUserShape), count: Type.Integer() }),
    Type.Object({
      success: Type.Literal(true),
      data: Type.Object({ online_users: Type.Array(OnlineUserShape), total_members: Type.Integer() }),
    }),
  ]),
  async handler({ room_id }, ctx) {
    if (room_id === undefined) {
      const users = (await onlineAround(ctx)).map(onlineShown)
      return { success: true, users, count: users.length }
    }
    const { online, members } = await onlineIn(ctx, room_id)
    return { success: true, data: { online_users: online.map(onlineShown), total_members: members } }
  },
})

export const watchUsers = defineMethod({
  name: 'f_chat.watch_users',
  summary:
    'The users whom the page shows besides the members of the caller’s rooms: its socket hears of their status until it names others. Answers those whom the caller may know of; over HTTP that is all.',
  verbs: ['POST', 'PUT'],
  input: Type.Object({ users: Type.Array(UserId, { maxItems: 200 }) }),
  output: Type.Object({
    success: Type.Literal(true),
    data: Type.Object({ users: Type.Array(Type.Object(UserStatusShape)) }),
  }),
  async handler({ users }, ctx) {
    const statuses = await statusesOf(ctx, users)
    const { connection } = ctx
    if (isLiveConnection(connection)) watch(ctx, connection, statuses)
    return { success: true, data: { users: statuses.map(statusShown) } }
  },
})
