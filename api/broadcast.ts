import { defineMethod, Type } from '@f-chat/desk'
import { broadcast } from '../doctypes/chat_message/broadcast.ts'
import { broadcastHistory, broadcastRooms } from '../doctypes/chat_message/broadcast-list.ts'
import { PaginationShown } from './shapes.ts'
import { answerOf, longPath, Page, pageSize, paginate, RoomId } from './shared.ts'

const exactly = { additionalProperties: false } as const
const TextOrNull = Type.Union([Type.String(), Type.Null()])

export const sendBroadcastMessage = defineMethod({
  name: 'f_chat.send_broadcast_message',
  summary:
    'Sends one message to many rooms: to each where the caller may send. One that does not take it stops no other.',
  aliases: [longPath('broadcast', 'send_broadcast_message')],
  writes: true,
  input: Type.Object({
    room_ids: Type.Array(RoomId, { minItems: 1, maxItems: 100 }),
    message_content: Type.String(),
    message_type: Type.Literal('Broadcast', { default: 'Broadcast' }),
    /** What upload_chat_file returned, for any of the rooms. */
    attachments: Type.Optional(Type.Array(Type.Object({}), { maxItems: 100 })),
    /** The next try with the same one sends nothing twice. */
    client_id: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  }),
  output: answerOf({
    successful_broadcasts: Type.Array(
      Type.Object(
        {
          room_id: RoomId,
          room_name: Type.String(),
          message_id: Type.String(),
          timestamp: Type.String(),
        },
        exactly,
      ),
    ),
    failed_broadcasts: Type.Array(Type.Object({ room_id: RoomId, error: Type.String() }, exactly)),
    total_rooms: Type.Integer(),
    success_count: Type.Integer(),
    failure_count: Type.Integer(),
  }),
  async handler({ room_ids, message_content, attachments, client_id }, ctx) {
    const data = await broadcast(ctx, {
      rooms: room_ids,
      content: message_content,
      attachments: attachments ?? [],
      clientId: client_id,
    })
    const message = `Sent to ${String(data.success_count)} of ${String(data.total_rooms)} rooms`
    return { success: true, message, data }
  },
})

export const getBroadcastRooms = defineMethod({
  name: 'f_chat.get_broadcast_rooms',
  summary: 'The rooms that the caller speaks for, as Admin or Moderator.',
  aliases: [longPath('broadcast', 'get_broadcast_rooms')],
  input: Type.Object({ search: Type.Optional(Type.String({ maxLength: 140 })) }),
  output: answerOf({
    rooms: Type.Array(
      Type.Object(
        {
          room_id: RoomId,
          room_name: Type.String(),
          room_type: Type.String(),
          description: TextOrNull,
          user_role: Type.String(),
          member_count: Type.Integer(),
        },
        exactly,
      ),
    ),
    total_count: Type.Integer(),
  }),
  async handler({ search }, ctx) {
    const rooms = await broadcastRooms(ctx, search)
    return { success: true, data: { rooms, total_count: rooms.length } }
  },
})

export const getBroadcastHistory = defineMethod({
  name: 'f_chat.get_broadcast_history',
  summary: 'The caller’s broadcasts, newest first.',
  aliases: [longPath('broadcast', 'get_broadcast_history')],
  input: Type.Object({ page: Page, page_size: pageSize(20) }),
  output: answerOf({
    broadcasts: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          chat_room: Type.String(),
          room_name: Type.String(),
          message_content: TextOrNull,
          timestamp: Type.String(),
          attachments: Type.Array(
            Type.Object(
              {
                file_name: Type.String(),
                file_url: Type.String(),
                file_type: TextOrNull,
                file_size: Type.Integer(),
              },
              exactly,
            ),
          ),
        },
        exactly,
      ),
    ),
    pagination: PaginationShown,
  }),
  async handler({ page, page_size }, ctx) {
    const { broadcasts, total } = await broadcastHistory(ctx, {
      limit: page_size,
      offset: (page - 1) * page_size,
    })
    return { success: true, data: { broadcasts, pagination: paginate(total, page, page_size) } }
  },
})
