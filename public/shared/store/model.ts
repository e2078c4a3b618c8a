import { parseSiteTime } from '@f-chat/desk/client'

/** A message as the widget holds it: ordered by `seq`, its newest known state by `changeSeq`. */
export interface Message {
  readonly name: string
  readonly seq: number
  readonly changeSeq: number
  readonly sender: string
  readonly senderName: string
  readonly senderImage: string
  readonly type: string
  readonly content: string
  /** The instant in ms; the wire has text in the site's zone. */
  readonly at: number
  readonly clientId: string
  readonly deleted: boolean
  readonly edited: boolean
  readonly attachments: readonly Attachment[]
  readonly reactions: unknown
  /** What stands behind each @ that names someone, and whom it means. */
  readonly mentionLabels: Readonly<Record<string, string>>
}

export interface Attachment {
  readonly file_name: string
  readonly file_url: string
}

/** What a room's row in the list says about its newest message. */
export interface Preview {
  readonly seq: number
  readonly sender: string
  readonly senderName: string
  readonly type: string
  readonly content: string
  readonly at: number
}

export interface Peer {
  readonly user: string
  readonly full_name: string
  readonly user_image: string
}

export type Wire = Readonly<Record<string, unknown>>

export const asWire = (value: unknown): Wire =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : {}

export const asRows = (value: unknown): Wire[] => (Array.isArray(value) ? value.map(asWire) : [])

export const str = (value: unknown): string => (typeof value === 'string' ? value : '')

export const num = (value: unknown): number => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : 0
}

/** How to read times and own messages off the wire. */
export interface Reader {
  readonly me: string
  readonly timeZone: string
}

/** A time on the wire as ms; 0 when there is none. */
export function instant(value: unknown, timeZone: string): number {
  const at = parseSiteTime(str(value), timeZone).getTime()
  return Number.isNaN(at) ? 0 : at
}

const attachments = (value: unknown): Attachment[] =>
  asRows(value).map((row) => ({ file_name: str(row.file_name), file_url: str(row.file_url) }))

/** Whom a message names, off the wire. */
export const labelsFrom = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(asWire(value)).map(([label, user]) => [label, str(user)]))

/** A message of get_chat_messages or f_chat.sync. */
export function messageFromRow(row: Wire, { timeZone }: Reader): Message {
  const info = asWire(row.sender_info)
  return {
    name: str(row.name),
    seq: num(row.seq),
    changeSeq: num(row.change_seq),
    sender: str(row.sender),
    senderName: str(info.full_name) || str(row.sender),
    senderImage: str(info.user_image),
    type: str(row.message_type) || 'Text',
    content: str(row.message_content),
    at: instant(row.timestamp, timeZone),
    clientId: str(row.client_id),
    deleted: num(row.is_deleted) === 1 || row.is_deleted === true,
    edited: num(row.is_edited) === 1 || row.is_edited === true,
    attachments: attachments(row.attachments),
    reactions: row.reactions ?? null,
    mentionLabels: labelsFrom(row.mention_labels),
  }
}

/** The message in a `chat_new_message` event. */
export function messageFromEvent(payload: Wire, { timeZone }: Reader): Message {
  return {
    name: str(payload.message_id),
    seq: num(payload.seq),
    changeSeq: num(payload.change_seq),
    sender: str(payload.sender),
    senderName: str(payload.sender_name) || str(payload.sender),
    senderImage: str(payload.sender_image),
    type: str(payload.message_type) || 'Text',
    content: str(payload.content),
    at: instant(payload.timestamp, timeZone),
    clientId: str(payload.client_id),
    deleted: false,
    edited: false,
    attachments: attachments(payload.attachments),
    reactions: null,
    mentionLabels: labelsFrom(payload.mention_labels),
  }
}
