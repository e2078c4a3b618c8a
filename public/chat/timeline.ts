import { isSameDay } from '@f-chat/desk/client'
import type { Message } from '../shared/store/model.ts'
import type { PendingSend } from '../shared/store/outbox.ts'

const GROUP_MS = 5 * 60_000

/** A message as the stream shows it: stored, or on its way. */
export interface Entry {
  /** The same for a message on its way and once it is stored, so that its bubble stays in place. */
  readonly key: string
  readonly at: number
  readonly message: Message | null
  readonly pending: PendingSend | null
}

export type TimelineItem =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'system'; key: string; message: Message }
  | {
      kind: 'group'
      key: string
      own: boolean
      sender: string
      senderName: string
      senderImage: string
      entries: Entry[]
    }

export interface TimelineInput {
  messages: readonly Message[]
  pending: readonly PendingSend[]
  me: string
  /** The "New" line stands before the first message of another after this seq; null = no line. */
  newAfter: number | null
}

const SYSTEM = new Set(['System'])

/** Lays a room's messages out: day marks, the "New" line, system lines, and messages grouped by sender within 5 minutes. */
export function buildTimeline({ messages, pending, me, newAfter }: TimelineInput): TimelineItem[] {
  const items: TimelineItem[] = []
  let day: number | null = null
  let lineDrawn = newAfter === null
  const place = (entry: Entry, sender: string, name: string, image: string): void => {
    if (day === null || !isSameDay(new Date(day), new Date(entry.at))) {
      day = entry.at
      items.push({ kind: 'day', key: `day-${entry.key}`, at: entry.at })
    }
    const { message } = entry
    if (!lineDrawn && message && newAfter !== null && message.seq > newAfter && sender !== me) {
      lineDrawn = true
      items.push({ kind: 'new', key: 'new' })
    }
    if (message && SYSTEM.has(message.type)) {
      items.push({ kind: 'system', key: entry.key, message })
      return
    }
    const before = items.at(-1)
    const last = before?.kind === 'group' ? before.entries.at(-1) : undefined
    if (before?.kind === 'group' && before.sender === sender && last && entry.at - last.at < GROUP_MS) {
      before.entries.push(entry)
      return
    }
    const own = sender === me
    items.push({
      kind: 'group',
      key: `group-${entry.key}`,
      own,
      sender,
      senderName: name,
      senderImage: image,
      entries: [entry],
    })
  }
  for (const message of messages) {
    const key = (message.sender === me && message.clientId) || message.name
    const entry = { key, at: message.at, message, pending: null }
    place(entry, message.sender, message.senderName, message.senderImage)
  }
  // What is on its way is newer than all that is stored, whatever this machine's clock says.
  const newest = messages.at(-1)?.at ?? 0
  for (const send of pending) {
    const at = Math.max(send.at, newest)
    place({ key: send.clientId, at, message: null, pending: send }, me, '', '')
  }
  return items
}
