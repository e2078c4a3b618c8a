import { defineMethod, Type } from '@f-chat/desk'
import { joinTeamRoom, listTeamRooms } from '../doctypes/chat_room/team-rooms.ts'
import { OptionalText, roomPaths } from './room-shapes.ts'
import { Check } from './shapes.ts'
import { answerOf, RoomId } from './shared.ts'

export const getTeamChatRooms = defineMethod({
  name: 'f_chat.get_team_chat_rooms',
  summary: 'The Team Chats that the caller is in, or may join because they are in the team.',
  aliases: roomPaths('get_team_chat_rooms'),
  input: Type.Object({}),
  output: answerOf({
    rooms: Type.Array(
      Type.Object({
        name: Type.String(),
        room_name: Type.String(),
        description: OptionalText,
        team_master: OptionalText,
        is_private: Check,
        member_count: Type.Integer(),
        is_member: Type.Boolean(),
      }),
    ),
    total_count: Type.Integer(),
  }),
  async handler(_args, ctx) {
    const rooms = await listTeamRooms(ctx)
    return { success: true, data: { rooms, total_count: rooms.length } }
  },
})

export const joinTeamRoomMethod = defineMethod({
  name: 'f_chat.join_team_room',
  summary: 'Brings the caller into a Team Chat of their team.',
  aliases: roomPaths('join_team_room'),
  writes: true,
  input: Type.Object({ room_id: RoomId }),
  output: answerOf({
    room_id: Type.String(),
    room_name: Type.String(),
    role: Type.String(),
    member_count: Type.Integer(),
  }),
  async handler({ room_id }, ctx) {
    const { room_name, role, memberCount } = await joinTeamRoom(ctx, room_id)
    return {
      success: true,
      message: `You are in ${room_name}`,
      data: { room_id, room_name, role, member_count: memberCount },
    }
  },
})
