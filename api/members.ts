import { defineMethod, Type } from '@f-chat/desk'
import { readDetails } from '../doctypes/chat_room/details.ts'
import { addMember, addMembers, muteMember, removeMember, updateRole } from '../doctypes/chat_room/members.ts'
import { readPermissions } from '../doctypes/chat_room/permissions.ts'
import {
  MemberChanged,
  MemberRole,
  OptionalText,
  PermissionsShape,
  Role,
  RoomDetailsShape,
  roomPaths,
  UserId,
} from './room-shapes.ts'
import { answerOf, RoomId } from './shared.ts'

/** How many users one call adds. */
const MOST_AT_ONCE = 1000

export const checkRoomPermissions = defineMethod({
  name: 'f_chat.check_room_permissions',
  summary: 'What a user may do in a room of the caller’s; the caller themself, where no user is named.',
  aliases: roomPaths('check_room_permissions'),
  input: Type.Object({ room_id: RoomId, user_id: Type.Optional(UserId) }),
  output: Type.Object({ success: Type.Literal(true), permissions: PermissionsShape }),
  async handler({ room_id, user_id }, ctx) {
    const { permissions } = await readPermissions(ctx, room_id, user_id)
    return { success: true, permissions }
  },
})

export const getUserRoomRole = defineMethod({
  name: 'f_chat.get_user_room_role',
  summary: 'A user’s role in a room of the caller’s, in short.',
  aliases: roomPaths('get_user_room_role'),
  input: Type.Object({ room_id: RoomId, user_id: Type.Optional(UserId) }),
  output: answerOf({
    user_id: Type.String(),
    room_id: Type.String(),
    is_member: Type.Boolean(),
    role: OptionalText,
    is_muted: Type.Boolean(),
    key_permissions: Type.Object({
      can_send_messages: Type.Boolean(),
      can_add_members: Type.Boolean(),
      can_update_room_settings: Type.Boolean(),
    }),
  }),
  async handler({ room_id, user_id }, ctx) {
    const { user, permissions } = await readPermissions(ctx, room_id, user_id)
    const { is_member, role, is_muted } = permissions
    const { can_send_messages, can_add_members, can_update_room_settings } = permissions
    const key_permissions = { can_send_messages, can_add_members, can_update_room_settings }
    return { success: true, data: { user_id: user, room_id, is_member, role, is_muted, key_permissions } }
  },
})

export const getRoomDetails = defineMethod({
  name: 'f_chat.get_room_details',
  summary: 'A room of the caller’s with its members.',
  aliases: roomPaths('get_room_details'),
  input: Type.Object({ room_id: RoomId }),
  output: answerOf({ room: RoomDetailsShape, user_permissions: PermissionsShape }),
  async handler({ room_id }, ctx) {
    return { success: true, data: await readDetails(ctx, room_id) }
  },
})

/** The Python app had two methods for this; they are one here, by both names. */
const addingOne = (method: string) =>
  defineMethod({
    name: `f_chat.${method}`,
    summary: 'Adds a user to a room.',
    aliases: roomPaths(method),
    writes: true,
    input: Type.Object({ room_id: RoomId, user_id: UserId, role: MemberRole }),
    output: answerOf({
      room_id: Type.String(),
      user_id: Type.String(),
      role: Type.String(),
      user_display_name: Type.String(),
      member_count: Type.Integer(),
    }),
    async handler({ room_id, user_id, role }, ctx) {
      const { person, memberCount } = await addMember(ctx, room_id, user_id, role)
      const { name, full_name } = person
      return {
        success: true,
        message: `${full_name} was added to the room`,
        data: { room_id, user_id: name, role, user_display_name: full_name, member_count: memberCount },
      }
    },
  })

export const addRoomMember = addingOne('add_room_member')
export const addMemberToRoom = addingOne('add_member_to_room')

export const addMultipleMembersToRoom = defineMethod({
  name: 'f_chat.add_multiple_members_to_room',
  summary:
    'Adds users to a room; one who cannot be added does not stop the others, and is listed with the reason.',
  aliases: roomPaths('add_multiple_members_to_room'),
  writes: true,
  input: Type.Object({
    room_id: RoomId,
    user_list: Type.Array(Type.String(), { minItems: 1, maxItems: MOST_AT_ONCE }),
    role: MemberRole,
  }),
  output: Type.Object({
    success: Type.Literal(true),
    message: Type.String(),
    added_users: Type.Array(Type.String()),
    failed_users: Type.Array(Type.Object({ user_id: Type.String(), reason: Type.String() })),
    already_members: Type.Array(Type.String()),
    total_requested: Type.Integer(),
    total_added: Type.Integer(),
    total_failed: Type.Integer(),
    final_member_count: Type.Integer(),
  }),
  async handler({ room_id, user_list, role }, ctx) {
    const { added, already, failed, memberCount } = await addMembers(ctx, room_id, user_list, role)
    return {
      success: true,
      message: `${added.length} of ${user_list.length} users were added to the room`,
      added_users: added.map(({ name }) => name),
      failed_users: failed,
      already_members: already,
      total_requested: user_list.length,
      total_added: added.length,
      total_failed: failed.length,
      final_member_count: memberCount,
    }
  },
})

export const removeRoomMember = defineMethod({
  name: 'f_chat.remove_room_member',
  summary: 'Takes a member out of a room; one’s own id leaves it.',
  aliases: roomPaths('remove_room_member'),
  writes: true,
  input: Type.Object({
    room_id: RoomId,
    user_id: UserId,
    /** Who becomes Admin where the last one leaves; not asked where another one stays. */
    new_admin: Type.Optional(UserId),
  }),
  output: answerOf({ room_id: Type.String(), user_id: Type.String(), member_count: Type.Integer() }),
  async handler({ room_id, user_id, new_admin }, ctx) {
    const { user, memberCount } = await removeMember(ctx, room_id, user_id, new_admin)
    return {
      success: true,
      message: user === ctx.user ? 'You have left the room' : 'The member was removed from the room',
      data: { room_id, user_id: user, member_count: memberCount },
    }
  },
})

export const updateMemberRole = defineMethod({
  name: 'f_chat.update_member_role',
  summary: 'Gives a member another role.',
  aliases: roomPaths('update_member_role'),
  writes: true,
  input: Type.Object({ room_id: RoomId, user_id: UserId, new_role: Role }),
  output: answerOf(MemberChanged),
  async handler({ room_id, user_id, new_role }, ctx) {
    const { user, role, is_muted } = await updateRole(ctx, room_id, user_id, new_role)
    return {
      success: true,
      message: `The member's role is ${role}`,
      data: { room_id, user_id: user, role, is_muted: is_muted === 1 },
    }
  },
})

export const muteUnmuteMember = defineMethod({
  name: 'f_chat.mute_unmute_member',
  summary: 'Mutes a member, who reads only from then on, or ends that.',
  aliases: roomPaths('mute_unmute_member'),
  writes: true,
  input: Type.Object({ room_id: RoomId, user_id: UserId, is_muted: Type.Boolean() }),
  output: answerOf(MemberChanged),
  async handler(args, ctx) {
    const { user, role, is_muted } = await muteMember(ctx, args.room_id, args.user_id, args.is_muted)
    return {
      success: true,
      message: is_muted ? 'The member is muted' : 'The member may write again',
      data: { room_id: args.room_id, user_id: user, role, is_muted: is_muted === 1 },
    }
  },
})
