import { defineMethod, PermissionError, Type } from '@f-chat/desk'
import { emptyRoom } from '../doctypes/chat_room/empty.ts'
import { memberRoom } from '../doctypes/chat_room/membership.ts'
import { readStorage } from '../doctypes/chat_room/storage.ts'
import { optimizeDatabase } from '../doctypes/chat_settings/optimize.ts'
import { readSystemStats } from '../doctypes/chat_settings/system-stats.ts'
import { emptyRoom as emptyRoomJob } from '../jobs/chat-maintenance.ts'
import { answerOf, RoomId } from './shared.ts'

const path = (method: string): string => `f_chat.f_chat.maintenance.${method}`
const exactly = { additionalProperties: false } as const
const Count = Type.Integer({ minimum: 0 })

export const manualCleanupRoom = defineMethod({
  name: 'f_chat.manual_cleanup_room',
  summary:
    'Deletes all messages that a room has now. A large room is emptied in the background, so that it can be used meanwhile.',
  aliases: [path('manual_cleanup_room')],
  writes: true,
  input: Type.Object({ room_id: RoomId }),
  output: answerOf({ room_id: Type.String(), deleted_count: Count, remaining_count: Count }),
  async handler({ room_id }, ctx) {
    const { deleted_count, remaining_count, upTo } = await emptyRoom(ctx, room_id)
    if (remaining_count > 0) await ctx.enqueue(emptyRoomJob, { room: room_id, upTo })
    const rest = remaining_count > 0 ? `; ${String(remaining_count)} more go in the background` : ''
    return {
      success: true,
      message: `Deleted ${String(deleted_count)} messages${rest}`,
      data: { room_id, deleted_count, remaining_count },
    }
  },
})

export const getRoomStorageUsage = defineMethod({
  name: 'f_chat.get_room_storage_usage',
  summary: 'What the files of a room’s messages take.',
  aliases: [path('get_room_storage_usage')],
  input: Type.Object({ room_id: RoomId }),
  output: answerOf({
    messages_with_files: Count,
    total_files: Count,
    total_size: Count,
    total_size_formatted: Type.String(),
    avg_file_size: Count,
    avg_file_size_formatted: Type.String(),
    file_types: Type.Array(
      Type.Object(
        {
          file_type: Type.String(),
          count: Count,
          total_size: Count,
          total_size_formatted: Type.String(),
        },
        exactly,
      ),
    ),
  }),
  async handler({ room_id }, ctx) {
    const room = await memberRoom(ctx, room_id)
    return { success: true, data: await readStorage(ctx, room.name) }
  },
})

export const getChatSystemStats = defineMethod({
  name: 'f_chat.get_chat_system_stats',
  summary: 'How much the whole site’s chat is and is used.',
  aliases: [path('get_chat_system_stats')],
  input: Type.Object({}),
  output: answerOf({
    total_rooms: Count,
    total_messages: Count,
    total_users: Count,
    messages_today: Count,
    active_users_today: Count,
  }),
  async handler(_args, ctx) {
    if (!(await ctx.hasPermission('Chat Settings', 'read'))) {
      throw new PermissionError('Only Chat Admins and System Managers see the chat’s statistics.')
    }
    return { success: true, data: await readSystemStats(ctx) }
  },
})

/** It writes, but each step by itself: databases do it outside transactions only. */
export const optimizeChatDatabase = defineMethod({
  name: 'f_chat.optimize_chat_database',
  summary: 'Maintenance of the chat’s tables; answers what each step did.',
  aliases: [path('optimize_chat_database')],
  verbs: ['POST', 'PUT'],
  input: Type.Object({}),
  output: answerOf({
    database: Type.Union([Type.Literal('sqlite'), Type.Literal('mariadb')]),
    tables: Type.Array(Type.Object({ table: Type.String(), done: Type.Array(Type.String()) }, exactly)),
    repaired: Type.Object({ rooms: Count, members: Count }, exactly),
  }),
  async handler(_args, ctx) {
    const data = await optimizeDatabase(ctx)
    return { success: true, message: `Looked after ${String(data.tables.length)} tables`, data }
  },
})
