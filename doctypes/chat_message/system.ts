import type { Context } from '@f-chat/desk'
import { publishToRoom } from '../../realtime/events.ts'
import type { LockedRoom } from '../chat_room/change.ts'
import { personShown } from '../chat_room/names.ts'
import ChatMessage from './chat_message.ts'

/**
 * Records in a locked room what happened in it: calls, and what else the room's history shall tell.
 * @param content for people to read
 * @param sender the user who did it
 * @returns the message's name
 */
export async function postSystemMessage(
  ctx: Context,
  room: LockedRoom,
  content: string,
  sender = ctx.user,
): Promise<string> {
  const timestamp = ctx.now()
  const [seq, change_seq] = [room.last_seq + 1, room.change_seq + 1]
  await ctx.db('tabChat Room').where({ name: room.name }).update({
    last_seq: seq,
    change_seq,
    last_message_at: timestamp,
    last_change: timestamp,
  })
  Object.assign(room, { last_seq: seq, change_seq })
  await ctx
    .db('tabChat Room Member')
    .where({ parent: room.name, user: sender })
    .increment('own_since_read', 1)
  const message = ChatMessage.fromServer(ctx, {
    chat_room: room.name,
    sender,
    message_type: 'System',
    timestamp,
    message_content: content,
    seq,
    change_seq,
  })
  await message.insert({ ignorePermissions: true, ignoreLinks: true })
  const { name, image } = await personShown(ctx, sender)
  publishToRoom(ctx, room.name, 'chat_new_message', {
    message_id: message.name,
    room_id: room.name,
    room_name: room.room_type === 'Direct Message' ? name : room.room_name,
    sender,
    sender_name: name,
    sender_image: image,
    message_type: 'System',
    content,
    timestamp,
    attachments: [],
    reply_to: null,
    mentions: [],
    seq,
    client_id: null,
    change_seq,
  })
  return message.name
}
