import { defineMethod, Type } from '@f-chat/desk'
import { searchRoom, searchRooms, type HitList, type HitPage } from '../doctypes/chat_message/search.ts'
import { MessageShape, PaginationShown } from './shapes.ts'
import {
  answerOf,
  longPath,
  Page,
  pageSize,
  paginate,
  RoomId,
  siteTime,
  SiteTime,
  type Pagination,
} from './shared.ts'

/** Every word as the beginning of one, in any order; words in quotation marks as they stand. */
const SearchTerm = Type.String({ maxLength: 4000 })

const MessageType = Type.Union(
  ['Text', 'File', 'Image', 'Voice', 'System', 'Announcement', 'Broadcast'].map((type) => Type.Literal(type)),
)

/** Whether total_count is only what was counted: there are at least as many hits. */
const TotalIsMinimum = Type.Boolean()

export const searchMessages = defineMethod({
  name: 'f_chat.search_messages',
  summary: 'Messages of a room by their words, newest first.',
  aliases: [longPath('search_analytics', 'search_messages')],
  input: Type.Object({
    room_id: RoomId,
    search_term: SearchTerm,
    page: Page,
    page_size: pageSize(20),
    message_type: Type.Optional(MessageType),
    /** A day is meant from its beginning … */
    from_date: Type.Optional(SiteTime),
    /** … to its end. */
    to_date: Type.Optional(SiteTime),
    sender: Type.Optional(Type.String({ maxLength: 140 })),
  }),
  output: answerOf({
    messages: Type.Array(MessageShape),
    search_term: Type.String(),
    pagination: PaginationShown,
    total_is_minimum: TotalIsMinimum,
  }),
  async handler({ room_id, search_term, page, page_size, message_type, from_date, to_date, sender }, ctx) {
    const found = await searchRoom(
      ctx,
      room_id,
      search_term,
      {
        message_type,
        sender,
        from: from_date && filled(siteTime('from_date', from_date), '0000-00-00 00:00:00.000000'),
        to: to_date && filled(siteTime('to_date', to_date), '0000-00-00 23:59:59.999999'),
      },
      hitPage(page, page_size),
    )
    return {
      success: true as const,
      data: { messages: found.rows, search_term, ...counted(found, page, page_size) },
    }
  },
})

const Found = Type.Object({
  name: Type.String(),
  chat_room: Type.String(),
  room_name: Type.String(),
  room_type: Type.String(),
  sender: Type.String(),
  sender_name: Type.String(),
  message_type: Type.String(),
  message_content: Type.Union([Type.String(), Type.Null()]),
  /** HTML: a part of the text, escaped, with `<mark>` around what was found. */
  highlighted_content: Type.String(),
  /** The same part as text, and what was found in it, as [start, end) of its UTF-16 units. */
  snippet: Type.String(),
  highlights: Type.Array(Type.Tuple([Type.Integer(), Type.Integer()])),
  timestamp: Type.String(),
  seq: Type.Integer(),
})

export const getGlobalChatSearch = defineMethod({
  name: 'f_chat.get_global_chat_search',
  summary: 'Messages of all the caller’s rooms by their words, newest first.',
  aliases: [longPath('search_analytics', 'get_global_chat_search')],
  input: Type.Object({ search_term: SearchTerm, page: Page, page_size: pageSize(20) }),
  output: answerOf({
    results: Type.Array(Found),
    search_term: Type.String(),
    pagination: PaginationShown,
    total_is_minimum: TotalIsMinimum,
  }),
  async handler({ search_term, page, page_size }, ctx) {
    const found = await searchRooms(ctx, search_term, hitPage(page, page_size))
    return {
      success: true as const,
      data: { results: found.rows, search_term, ...counted(found, page, page_size) },
    }
  },
})

const hitPage = (page: number, size: number): HitPage => ({ offset: (page - 1) * size, limit: size })

/** What a time leaves out, so that both databases compare it alike. */
const filled = (time: string, rest: string): string => time + rest.slice(time.length)

function counted(
  { total, isMinimum, hasNext }: HitList<unknown>,
  page: number,
  size: number,
): { pagination: Pagination; total_is_minimum: boolean } {
  return { pagination: { ...paginate(total, page, size), has_next: hasNext }, total_is_minimum: isMinimum }
}
