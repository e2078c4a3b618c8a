import { Type } from '@f-chat/desk'

/** A method's path in the Python app, by its module there. */
export const longPath = (module: string, method: string): string =>
  `f_chat.APIs.notification_chatroom.chat_apis.${module}.${method}`

export const RoomId = Type.String({ minLength: 1, maxLength: 140 })

export const Page = Type.Integer({ minimum: 1, maximum: 1_000_000, default: 1 })

export const pageSize = (size: number) => Type.Integer({ minimum: 1, maximum: 100, default: size })

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
