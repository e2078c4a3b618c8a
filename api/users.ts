import { defineMethod, PermissionError, Type } from '@f-chat/desk'
import { memberRoom } from '../doctypes/chat_room/membership.ts'
import { memberIds, searchUsers } from '../doctypes/chat_room/people-search.ts'
import { Flag, longPath, RoomId } from './shared.ts'

/** Users whom one could talk to, or add to a room of one's own; at most 50. */
export const searchUsersForChatRoom = defineMethod({
  name: 'f_chat.search_users_for_chat_room',
  aliases: [longPath('user_search', 'search_users_for_chat_room')],
  input: Type.Object({
    search_term: Type.String({ maxLength: 140, default: '' }),
    room_id: Type.Optional(RoomId),
    exclude_existing: Flag(true),
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
