import { defineMethod, Type } from '@f-chat/desk'
import { MOST_FILES } from '../doctypes/chat_message/claims.ts'
import { readHistory } from '../doctypes/chat_message/history.ts'
import { findSent, postMessage, type SentMessage } from '../doctypes/chat_message/post.ts'
import { memberRoom } from '../doctypes/chat_room/membership.ts'
import { MessageShape, PaginationShown, SentShape } from './shapes.ts'
import {
  answerOf,
  Flag,
  longPath,
  Page,
  pageSize,
  paginate,
  RoomId,
  Seq,
  siteTime,
  SiteTime,
} from './shared.ts'

export const getChatMessages = defineMethod({
  name: 'f_chat.get_chat_messages',
  summary: 'A room’s messages, newest first, by page or by key; reading marks nothing as read.',
  aliases: [longPath('chat_api', 'get_chat_messages')],
  input: Type.Object({
    room_id: RoomId,
    page: Page,
    page_size: pageSize(10),
    before_timestamp: Type.Optional(SiteTime),
    /** Messages before this seq, or after it: for paging through long histories. */
    before_seq: Type.Optional(Seq),
    after_seq: Type.Optional(Seq),
    /** With deleted messages, as tombstones. */
    include_deleted: Flag(false),
  }),
  output: answerOf({ messages: Type.Array(MessageShape), pagination: PaginationShown }),
  async handler({ room_id, page, page_size, before_timestamp, before_seq, after_seq, include_deleted }, ctx) {
    const room = await memberRoom(ctx, room_id)
    // One more than asked for tells whether there are more.
    const rows = await readHistory(ctx, {
      room: room.name,
      includeDeleted: include_deleted,
      limit: page_size + 1,
      offset: (page - 1) * page_size,
      beforeSeq: before_seq,
      afterSeq: after_seq,
      beforeTimestamp: before_timestamp && siteTime('before_timestamp', before_timestamp),
    })
    const hasNext = rows.length > page_size
    const messages = after_seq === undefined ? rows.slice(0, page_size) : rows.slice(-page_size)
    const total = room.last_seq - (include_deleted ? 0 : room.deleted_count)
    return {
      success: true,
      data: { messages, pagination: { ...paginate(total, page, page_size), has_next: hasNext } },
    }
  },
})

export const sendMessage = defineMethod({
  name: 'f_chat.send_message',
  summary: 'Sends a message; with `client_id`, a retry answers the first one.',
  aliases: [longPath('chat_api', 'send_message')],
  writes: true,
  input: Type.Object({
    room_id: RoomId,
    message_content: Type.String(),
    message_type: Type.Union(
      [Type.Literal('Text'), Type.Literal('File'), Type.Literal('Image'), Type.Literal('Voice')],
      { default: 'Text' },
    ),
    reply_to: Type.Optional(Type.String({ maxLength: 140 })),
    /** What upload_chat_file returned. */
    attachments: Type.Optional(Type.Array(Type.Object({}), { maxItems: MOST_FILES })),
    client_id: Type.Optional(Type.String({ maxLength: 140 })),
  }),
  output: answerOf(SentShape.properties),
  async handler({ room_id, message_content, message_type, reply_to, attachments, client_id }, ctx) {
    const data = await postMessage(ctx, {
      room: room_id,
      content: message_content,
      type: message_type,
      replyTo: reply_to,
      attachments: attachments ?? [],
      clientId: client_id,
    })
    return sent(data)
  },
  recover: async ({ client_id }, ctx) => {
    const first = await findSent(ctx, client_id)
    return first && sent(first)
  },
})

const sent = (data: SentMessage) => ({ success: true, message: 'Message sent', data })
