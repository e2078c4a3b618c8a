import { defineMethod, Type } from '@f-chat/desk'
import { readUnread } from '../doctypes/chat_room/room-list.ts'
import { markRead } from '../doctypes/chat_room_member/read-mark.ts'
import { DoneShape, UnreadRoomShape } from './shapes.ts'
import { answerOf, RoomId, Seq } from './shared.ts'

const chatMessagePath = (method: string): string =>
  `f_chat.f_chat.doctype.chat_message.chat_message.${method}`

export const markRoomAsRead = defineMethod({
  name: 'f_chat.mark_room_as_read',
  summary: 'Moves the caller’s read mark forward, to `up_to_seq` or to the newest message.',
  aliases: [chatMessagePath('mark_room_as_read')],
  writes: true,
  input: Type.Object({ room_id: RoomId, up_to_seq: Type.Optional(Seq) }),
  output: DoneShape,
  async handler({ room_id, up_to_seq }, ctx) {
    await markRead(ctx, room_id, up_to_seq)
    return { success: true, message: 'Room marked as read' }
  },
})

export const getUserChatStatus = defineMethod({
  name: 'f_chat.get_user_chat_status',
  summary: 'What is unread in the caller’s rooms.',
  aliases: [chatMessagePath('get_user_chat_status')],
  input: Type.Object({}),
  output: answerOf({
    total_unread: Seq,
    total_unread_mentions: Seq,
    rooms_with_unread: Type.Array(UnreadRoomShape),
    total_rooms: Seq,
  }),
  async handler(_args, ctx) {
    const { rooms, totalRooms } = await readUnread(ctx)
    return {
      success: true,
      data: {
        total_unread: rooms.reduce((sum, room) => sum + room.unread_count, 0),
        total_unread_mentions: rooms.reduce((sum, room) => sum + room.unread_mentions, 0),
        rooms_with_unread: rooms,
        total_rooms: totalRooms,
      },
    }
  },
})
