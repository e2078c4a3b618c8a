import { defineMethod, PermissionError, Type } from '@f-chat/desk'
import { createRoom, findCreated, type CreatedRoom } from '../doctypes/chat_room/create.ts'
import { listRooms } from '../doctypes/chat_room/room-list.ts'
import { LONGEST_DESCRIPTION } from '../doctypes/chat_room/settings-rules.ts'
import { MOST_MEMBERS } from '../doctypes/chat_room/membership-rules.ts'
import { MemberRole, OptionalText, RoomType, UserId } from './room-shapes.ts'
import { Check, NotifyShape, PaginationShown } from './shapes.ts'
import { answerOf, Flag, longPath, Page, pageSize, paginate } from './shared.ts'

const RoomRowShape = Type.Object(
  {
    name: Type.String(),
    room_name: Type.String(),
    room_type: RoomType,
    description: OptionalText,
    is_private: Check,
    creation: Type.String(),
    user_role: Type.String(),
    is_admin: Check,
    is_muted: Check,
    room_status: Type.String(),
    last_read_timestamp: OptionalText,
    last_seq: Type.Integer(),
    last_read_seq: Type.Integer(),
    own_since_read: Type.Integer(),
    change_seq: Type.Integer(),
    member_count: Type.Integer(),
    last_message: OptionalText,
    last_message_type: OptionalText,
    last_message_time: OptionalText,
    last_message_sender: OptionalText,
    last_message_sender_name: OptionalText,
    unread_count: Type.Integer(),
    unread_mentions: Type.Integer(),
    notify: NotifyShape,
    /** The other member of a Direct Message. */
    peer: Type.Union([
      Type.Object({ user: Type.String(), full_name: Type.String(), user_image: OptionalText }),
      Type.Null(),
    ]),
  },
  { additionalProperties: false },
)

export const getUserChatRooms = defineMethod({
  name: 'f_chat.get_user_chat_rooms',
  summary: 'The caller’s Active rooms, newest message first, with what is unread in each.',
  aliases: [longPath('chat_api', 'get_user_chat_rooms')],
  input: Type.Object({
    page: Page,
    page_size: pageSize(20),
    room_type: Type.Optional(RoomType),
    search: Type.Optional(Type.String({ maxLength: 140 })),
  }),
  output: answerOf({ rooms: Type.Array(RoomRowShape), pagination: PaginationShown }),
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

export const createChatRoom = defineMethod({
  name: 'f_chat.create_chat_room',
  summary:
    'A new room with the caller as its Admin; a Direct Message that exists already is answered instead.',
  aliases: [longPath('chat_api', 'create_chat_room')],
  writes: true,
  input: Type.Object({
    /** May be left out for a Direct Message, which shows the other member's name. */
    room_name: Type.Optional(Type.String({ maxLength: 140 })),
    room_type: RoomType,
    description: Type.Optional(Type.String({ maxLength: LONGEST_DESCRIPTION })),
    /** Users, or users with the role they get. */
    members: Type.Optional(
      Type.Array(Type.Union([UserId, Type.Object({ user: UserId, role: Type.Optional(MemberRole) })]), {
        maxItems: MOST_MEMBERS,
      }),
    ),
    team_master: Type.Optional(Type.String({ maxLength: 140 })),
    is_private: Flag(false),
    /** Idempotency key: a retry with the same one answers the first room. */
    client_id: Type.Optional(Type.String({ maxLength: 140 })),
  }),
  output: answerOf({
    room_id: Type.String(),
    room_name: Type.String(),
    room_type: RoomType,
    creation: Type.String(),
  }),
  async handler({ room_name, room_type, description, members, team_master, is_private, client_id }, ctx) {
    if (!(await ctx.hasPermission('Chat Room', 'create'))) {
      throw new PermissionError('You may not create chat rooms. Ask an administrator for the role Chat User.')
    }
    const room = await createRoom(ctx, {
      room_name: room_name ?? '',
      room_type,
      description: description ?? null,
      is_private: is_private ? 1 : 0,
      team_master: team_master ?? null,
      client_id: client_id ?? null,
      members: (members ?? []).map((member) =>
        typeof member === 'string' ? { user: member, role: 'Member' } : { role: 'Member', ...member },
      ),
    })
    return created(room)
  },
  recover: async ({ client_id }, ctx) => {
    const first = await findCreated(ctx, client_id)
    return first && created(first)
  },
})

const created = ({ name, ...rest }: CreatedRoom) => ({
  success: true,
  message: 'Chat room created',
  data: { room_id: name, ...rest },
})
