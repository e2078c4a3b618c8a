import { defineMethod, PermissionError, Type } from '@f-chat/desk'
import { createRoom } from '../doctypes/chat_room/create.ts'
import { listRooms } from '../doctypes/chat_room/room-list.ts'
import { Flag, longPath, Page, pageSize, paginate } from './shared.ts'

const RoomType = Type.Union([
  Type.Literal('Direct Message'),
  Type.Literal('Team Chat'),
  Type.Literal('Group Chat'),
  Type.Literal('Announcement'),
])

const UserId = Type.String({ minLength: 1, maxLength: 140 })

const MemberRole = Type.Union([Type.Literal('Member'), Type.Literal('Moderator'), Type.Literal('Admin')], {
  default: 'Member',
})

/** The caller's Active rooms, newest message first, with what is unread in each. */
export const getUserChatRooms = defineMethod({
  name: 'f_chat.get_user_chat_rooms',
  aliases: [longPath('chat_api', 'get_user_chat_rooms')],
  input: Type.Object({
    page: Page,
    page_size: pageSize(20),
    room_type: Type.Optional(RoomType),
    search: Type.Optional(Type.String({ maxLength: 140 })),
  }),
  async handler({ page, page_size, room_type, search }, ctx) {
    const { rooms, total } = await listRooms(ctx, {
      limit: page_size,
      offset: (page - 1) * page_size,
      roomType: room_type,
      search,
    })
    return { success: true, data: { rooms, pagination: paginate(total, page, page_size) } }
  },
})

/** A new room with the caller as its Admin; a Direct Message that exists already is answered instead. */
export const createChatRoom = defineMethod({
  name: 'f_chat.create_chat_room',
  aliases: [longPath('chat_api', 'create_chat_room')],
  writes: true,
  input: Type.Object({
    /** May be left out for a Direct Message, which shows the other member's name. */
    room_name: Type.Optional(Type.String({ maxLength: 140 })),
    room_type: RoomType,
    description: Type.Optional(Type.String({ maxLength: 10_000 })),
    /** Users, or users with the role they get. */
    members: Type.Optional(
      Type.Array(Type.Union([UserId, Type.Object({ user: UserId, role: Type.Optional(MemberRole) })]), {
        maxItems: 10_000,
      }),
    ),
    team_master: Type.Optional(Type.String({ maxLength: 140 })),
    is_private: Flag(false),
  }),
  async handler({ room_name, room_type, description, members, team_master, is_private }, ctx) {
    if (!(await ctx.hasPermission('Chat Room', 'create'))) {
      throw new PermissionError('You may not create chat rooms. Ask an administrator for the role Chat User.')
    }
    const room = await createRoom(ctx, {
      room_name: room_name ?? '',
      room_type,
      description: description ?? null,
      is_private: is_private ? 1 : 0,
      team_master: team_master ?? null,
      members: (members ?? []).map((member) =>
        typeof member === 'string' ? { user: member, role: 'Member' } : { role: 'Member', ...member },
      ),
    })
    const { name, ...rest } = room
    return { success: true, message: 'Chat room created', data: { room_id: name, ...rest } }
  },
})
