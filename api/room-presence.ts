import { defineMethod, Type } from '@f-chat/desk'
import { memberRoom } from '../doctypes/chat_room/membership.ts'
import { readPermissions } from '../doctypes/chat_room/permissions.ts'
import { tellTyping } from '../doctypes/chat_room/typing.ts'
import { roomChannel } from '../realtime/events.ts'
import { presenceOf } from '../realtime/presence.ts'
import { PermissionsShape } from './room-shapes.ts'
import { DoneShape } from './shapes.ts'
import { answerOf, Flag, realtimePaths, RoomId } from './shared.ts'

const InRoom = Type.Object({ room_id: RoomId })
const RoomSeen = Type.Object({ success: Type.Literal(true), message: Type.String(), room_id: Type.String() })
/** They keep nothing in the database, but they tell others: a link must not do that. */
const verbs = ['POST', 'PUT'] as const

export const userTyping = defineMethod({
  name: 'f_chat.user_typing',
  summary:
    'Tells the other members that the caller types, or has stopped. It ends by itself after eight seconds.',
  aliases: realtimePaths('user_typing'),
  verbs,
  input: Type.Object({ room_id: RoomId, is_typing: Flag(true) }),
  output: Type.Object({ success: Type.Literal(true), is_typing: Type.Boolean() }),
  async handler({ room_id, is_typing }, ctx) {
    await tellTyping(ctx, room_id, is_typing)
    return { success: true, is_typing }
  },
})

export const sendTypingIndicator = defineMethod({
  name: 'f_chat.send_typing_indicator',
  summary: 'The same as user_typing, by its older name.',
  aliases: realtimePaths('send_typing_indicator'),
  verbs,
  input: Type.Object({ room_id: RoomId, is_typing: Type.Boolean() }),
  output: DoneShape,
  async handler({ room_id, is_typing }, ctx) {
    await tellTyping(ctx, room_id, is_typing)
    return { success: true, message: is_typing ? 'Typing' : 'Stopped typing' }
  },
})

export const joinRoom = defineMethod({
  name: 'f_chat.join_room',
  summary: 'The caller looks at a room.',
  aliases: realtimePaths('join_room'),
  verbs,
  input: InRoom,
  output: RoomSeen,
  async handler({ room_id }, ctx) {
    const { name } = await memberRoom(ctx, room_id)
    await presenceOf(ctx.site).entered(ctx, name)
    return { success: true, message: 'Room joined', room_id: name }
  },
})

export const leaveRoom = defineMethod({
  name: 'f_chat.leave_room',
  summary: 'The caller no longer looks at the room that join_room named.',
  aliases: realtimePaths('leave_room'),
  verbs,
  input: InRoom,
  output: RoomSeen,
  async handler({ room_id }, ctx) {
    const { name } = await memberRoom(ctx, room_id)
    const presence = presenceOf(ctx.site)
    await presence.left(ctx.user, name)
    await presence.typing.stop(ctx.user, name)
    return { success: true, message: 'Room left', room_id: name }
  },
})

export const joinChatRoom = defineMethod({
  name: 'f_chat.join_chat_room',
  summary: 'The channel of a room, which a member’s sockets hear already, and what the caller may do in it.',
  aliases: realtimePaths('join_chat_room'),
  input: InRoom,
  output: answerOf({ room_channel: Type.String(), user_permissions: PermissionsShape }),
  async handler({ room_id }, ctx) {
    const { room, permissions } = await readPermissions(ctx, room_id)
    return { success: true, data: { room_channel: roomChannel(room.name), user_permissions: permissions } }
  },
})

export const leaveChatRoom = defineMethod({
  name: 'f_chat.leave_chat_room',
  summary: 'Ends nothing: a member’s sockets hear the room for as long as they are a member.',
  aliases: realtimePaths('leave_chat_room'),
  input: InRoom,
  output: DoneShape,
  async handler({ room_id }, ctx) {
    await memberRoom(ctx, room_id)
    return { success: true, message: 'Left the chat room' }
  },
})
