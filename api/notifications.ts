import { defineMethod, Type } from '@f-chat/desk'
import { setWish } from '../doctypes/chat_room_member/wish.ts'
import { NotifyShape } from './shapes.ts'
import { answerOf, RoomId } from './shared.ts'

/** Ours; the original had none. */
export const setRoomNotifications = defineMethod({
  name: 'f_chat.set_room_notifications',
  summary: 'What the caller wishes to be told of a room: everything, what names them, or nothing.',
  writes: true,
  input: Type.Object({ room_id: RoomId, notify: NotifyShape }),
  output: answerOf({ room_id: Type.String(), notify: NotifyShape }),
  async handler({ room_id, notify }, ctx) {
    await setWish(ctx, room_id, notify)
    return { success: true, data: { room_id, notify } }
  },
})
