import { defineMethod, PermissionError, Type } from '@f-chat/desk'
import { memberRoom } from '../doctypes/chat_room/membership.ts'
import { memberIds, searchUsers } from '../doctypes/chat_room/people-search.ts'
import { OptionalText, roomPaths } from './room-shapes.ts'
import { Flag, RoomId } from './shared.ts'

/** Two names, one answer. */
const searching = (method: string) =>
  defineMethod({
    name: `f_chat.${method}`,
    summary: 'Users whom one could talk to, or add to a room of one’s own; at most 50.',
    aliases: roomPaths(method),
    input: Type.Object({
      search_term: Type.String({ maxLength: 140, default: '' }),
      room_id: Type.Optional(RoomId),
      exclude_existing: Flag(true),
    }),
    output: Type.Object({
      success: Type.Literal(true),
      data: Type.Array(
        Type.Object({
          name: Type.String(),
          full_name: Type.String(),
          first_name: OptionalText,
          last_name: OptionalText,
          email: OptionalText,
          user_image: OptionalText,
          display_text: Type.String(),
          chat_status: Type.String(),
        }),
      ),
      total_count: Type.Integer(),
      search_term: Type.String(),
      excluded_members: Type.Array(Type.String()),
    }),
    async handler({ search_term, room_id, exclude_existing }, ctx) {
      if (!(await ctx.hasPermission('Chat Room', 'create'))) {
        throw new PermissionError('You may not look for users. Ask an administrator for the role Chat User.')
      }
      if (room_id !== undefined) await memberRoom(ctx, room_id)
      const excluded = room_id !== undefined && exclude_existing ? await memberIds(ctx, room_id) : []
      const { users, total } = await searchUsers(ctx, search_term, excluded)
      return { success: true, data: users, total_count: total, search_term, excluded_members: excluded }
    },
  })

export const searchUsersForChatRoom = searching('search_users_for_chat_room')
export const searchUsersForRoom = searching('search_users_for_room')
