import { defineMethod, Type } from '@f-chat/desk'
import { exportMessages } from '../doctypes/chat_message/export.ts'
import { readAnalytics } from '../doctypes/chat_room/analytics.ts'
import { memberRoom } from '../doctypes/chat_room/membership.ts'
import { answerOf, longPath, RoomId, SiteTime, siteTime } from './shared.ts'

const exactly = { additionalProperties: false } as const
const Count = Type.Integer({ minimum: 0 })

const Period = Type.Union(
  [Type.Literal('day'), Type.Literal('week'), Type.Literal('month'), Type.Literal('year')],
  { default: 'week' },
)

export const getChatAnalytics = defineMethod({
  name: 'f_chat.get_chat_analytics',
  summary: 'What people write in a room: today, or in the last 7, 30 or 365 days of the site, today counted.',
  aliases: [longPath('search_analytics', 'get_chat_analytics')],
  input: Type.Object({ room_id: RoomId, period: Period }),
  output: answerOf({
    period: Type.String(),
    start_date: Type.String(),
    end_date: Type.String(),
    message_stats: Type.Object(
      { total_messages: Count, active_users: Count, avg_message_length: Type.Number() },
      exactly,
    ),
    message_by_type: Type.Array(Type.Object({ message_type: Type.String(), count: Count }, exactly)),
    most_active_users: Type.Array(
      Type.Object({ sender: Type.String(), full_name: Type.String(), message_count: Count }, exactly),
    ),
    daily_stats: Type.Array(
      Type.Object({ date: Type.String(), message_count: Count, unique_senders: Count }, exactly),
    ),
    file_stats: Type.Object(
      { messages_with_files: Count, total_files: Count, total_file_size: Count },
      exactly,
    ),
  }),
  async handler({ room_id, period }, ctx) {
    const room = await memberRoom(ctx, room_id)
    return { success: true, data: await readAnalytics(ctx, room.name, period) }
  },
})

const Format = Type.Union([Type.Literal('json'), Type.Literal('csv')], { default: 'json' })

export const exportChatMessages = defineMethod({
  name: 'f_chat.export_chat_messages',
  summary: 'A room’s messages as a file, for its Admins.',
  aliases: [longPath('search_analytics', 'export_chat_messages')],
  input: Type.Object({
    room_id: RoomId,
    from_date: Type.Optional(SiteTime),
    /** A day alone is meant as a whole. */
    to_date: Type.Optional(SiteTime),
    format_type: Format,
  }),
  output: answerOf({ format: Format, content: Type.String(), filename: Type.String() }),
  async handler({ room_id, from_date, to_date, format_type }, ctx) {
    const room = await memberRoom(ctx, room_id)
    const range = {
      from: from_date && siteTime('from_date', from_date),
      to: to_date && siteTime('to_date', to_date),
    }
    return { success: true, data: await exportMessages(ctx, room, range, format_type) }
  },
})
