import type { Context } from '@f-chat/desk'

/** The channel that a room's members hear. */
export const roomChannel = (room: string): string => `chat_room_${room}`

/** Every event of the chat and what it carries (f-chat-api.md §3); a room's changes carry its change_seq. */
export interface ChatEvents {
  chat_new_message: {
    message_id: string
    room_id: string
    /** In a Direct Message: its sender's name, which is what the other member calls the room. */
    room_name: string
    sender: string
    sender_name: string
    sender_image: string | null
    message_type: string
    content: string
    timestamp: string
    attachments: readonly object[]
    reply_to: string | null
    seq: number
    client_id: string | null
    change_seq: number
  }
  chat_new_room: { room_id: string; room_name: string; room_type: string; role: string; change_seq: number }
  room_read_status_changed: { room_id: string; user: string; timestamp: string; last_read_seq: number }
}

/** Tells a room's members, after commit. */
export function publishToRoom<E extends keyof ChatEvents>(
  ctx: Context,
  room: string,
  event: E,
  message: ChatEvents[E],
): void {
  ctx.publish(event, message, { room: roomChannel(room) })
}

/** Tells one user on every device, after commit. */
export function publishToUser<E extends keyof ChatEvents>(
  ctx: Context,
  user: string,
  event: E,
  message: ChatEvents[E],
): void {
  ctx.publish(event, message, { user })
}
