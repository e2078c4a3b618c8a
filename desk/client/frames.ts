import { isDict } from './boot.ts'

/** A server event as it came over the socket. */
export interface EventFrame {
  event: string
  room?: string
  message: unknown
}

/** The answer to a request of ours; `status` is set only when it failed. */
export interface AnswerFrame {
  id: number
  status?: number
  body: Record<string, unknown>
}

/** A text frame of `/realtime` as an event or an answer; null for anything else, which a client ignores. */
export function parseFrame(text: string): EventFrame | AnswerFrame | null {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return null
  }
  if (!isDict(frame)) return null
  if (typeof frame.event === 'string') {
    const { event, message } = frame
    return typeof frame.room === 'string' ? { event, room: frame.room, message } : { event, message }
  }
  if (typeof frame.id !== 'number') return null
  const { id, status } = frame
  return typeof status === 'number' && status >= 400 ? { id, status, body: frame } : { id, body: frame }
}

/** A whitelisted method as a request frame; undefined arguments are left out. */
export const encodeRequest = (id: number, method: string, args: Record<string, unknown>): string =>
  JSON.stringify({ id, method, args })
