import { Type, ValidationError, type TSchema } from '@f-chat/desk'

/** A method's path in the Python app, by its module there. */
export const longPath = (module: string, method: string): string =>
  `f_chat.APIs.notification_chatroom.chat_apis.${module}.${method}`

/** The same in both of its modules for what happens at the moment. */
export const realtimePaths = (method: string): string[] => [
  longPath('realtime_events_fixed', method),
  longPath('realtime_events', method),
]

export const RoomId = Type.String({ minLength: 1, maxLength: 140 })

export const MessageId = Type.String({ minLength: 1, maxLength: 140 })

export const Page = Type.Integer({ minimum: 1, maximum: 1_000_000, default: 1 })

export const pageSize = (size: number) => Type.Integer({ minimum: 1, maximum: 100, default: size })

/** A message's number in its room. */
export const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const DAY = String.raw`\d{4}-\d\d-\d\d`
const TIME_OF_DAY = String.raw`([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?`

/** A time as the site writes it, or a day; {@link siteTime} says whether there is such a day. */
export const SiteTime = Type.String({ pattern: `^${DAY}([ T]${TIME_OF_DAY})?$` })

/** As the database compares it. @throws ValidationError for 30 February */
export function siteTime(argument: string, text: string): string {
  const day = text.slice(0, 10)
  const date = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) {
    throw new ValidationError(`${argument}: there is no day ${day}.`)
  }
  return text.replace('T', ' ')
}

/** A flag of Frappe's: 0 or 1, true or false. */
export const Flag = (value: boolean) => Type.Boolean({ default: value })

export interface Pagination {
  total_count: number
  page: number
  page_size: number
  total_pages: number
  has_next: boolean
  has_prev: boolean
}

export function paginate(total: number, page: number, size: number): Pagination {
  const pages = Math.ceil(total / size)
  return {
    total_count: total,
    page,
    page_size: size,
    total_pages: pages,
    has_next: page < pages,
    has_prev: page > 1,
  }
}

/** What a method answers when all went well. */
export const answerOf = (data: Record<string, TSchema>) =>
  Type.Object({
    success: Type.Literal(true),
    message: Type.Optional(Type.String()),
    data: Type.Object(data, { additionalProperties: false }),
  })
