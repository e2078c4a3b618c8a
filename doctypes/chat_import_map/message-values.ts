import { DELETED_TEXT, LONGEST } from '../chat_message/content.ts'
import { asEmoji } from '../chat_message/emoji.ts'
import { digest } from './digest.ts'
import type { People } from './run.ts'
import type { Tally } from './tally.ts'
import { cutTo, flagOf, textOf, timeOf, wordOf, type SourceRow } from './values.ts'

const TYPES = ['Text', 'File', 'Image', 'Voice', 'System', 'Announcement', 'Broadcast'] as const
/** Beyond it a text is no message, and no page could show it. */
const MOST_CHARACTERS = 100_000

export const MESSAGE_COLUMNS = [
  ...['creation', 'modified', 'chat_room', 'sender', 'message_type', 'timestamp', 'message_content'],
  ...['reply_to_message', 'is_edited', 'edit_timestamp', 'is_deleted', 'delete_timestamp'],
]
export const REACTION_COLUMNS = ['user', 'reaction_emoji', 'timestamp', 'creation', 'idx']
export const ATTACHMENT_COLUMNS = [
  ...['file_name', 'file_url', 'file_size', 'file_type', 'uploaded_timestamp', 'creation', 'idx'],
]

export interface ReactionThere {
  name: string
  user: string
  emoji: string
  at: string
}

/** A message of the source as it will be here. */
export interface MessageThere {
  name: string
  /** Its room's name in the source. */
  room: string
  sender: string
  message_type: string
  content: string | null
  at: string
  modified: string
  reply: string
  is_edited: 0 | 1
  edited_at: string | null
  is_deleted: 0 | 1
  deleted_at: string | null
  reactions: ReactionThere[]
  attachments: SourceRow[]
  fingerprint: string
}

/** A message's rows in the source. */
export interface MessageRows {
  row: SourceRow
  reactions: readonly SourceRow[]
  attachments: readonly SourceRow[]
}

/** What a message will be here; null where it cannot come. What is broken is listed. */
export function messageThere(rows: MessageRows, users: People, tally: Tally): MessageThere | null {
  const { row } = rows
  const name = textOf(row.name)
  const list = (reason: string): void => {
    tally.list('Chat Message', name, reason)
  }
  const sender = users.find(textOf(row.sender))
  const sent = timeOf(row.timestamp)
  const at = sent ?? timeOf(row.creation)
  if (sender === undefined) list(`its sender "${textOf(row.sender)}" does not exist; not brought`)
  if (at === null)
    list(`its time "${textOf(row.timestamp)}" never was, nor does it have another; not brought`)
  if (sender === undefined || at === null) return null
  if (sent === null)
    list(`its timestamp "${textOf(row.timestamp)}" never was; brought with the time of its creation`)
  const is_deleted = flagOf(row.is_deleted)
  const type = wordOf(row.message_type, TYPES)
  if (!type) list(`its message_type "${cutTo(textOf(row.message_type), 40)}" does not exist; brought as Text`)
  const there = {
    name,
    room: textOf(row.chat_room),
    sender,
    message_type: type ?? 'Text',
    content: is_deleted ? DELETED_TEXT : contentOf(row.message_content, list),
    at,
    modified: timeOf(row.modified) ?? at,
    reply: textOf(row.reply_to_message),
    is_edited: flagOf(row.is_edited),
    edited_at: timeOf(row.edit_timestamp),
    is_deleted,
    deleted_at: is_deleted ? (timeOf(row.delete_timestamp) ?? timeOf(row.modified) ?? at) : null,
    // A tombstone has neither.
    reactions: is_deleted ? [] : reactionsOf(rows.reactions, at, users, tally),
    attachments: is_deleted ? [] : [...rows.attachments],
  }
  return { ...there, fingerprint: fingerprintOf(there) }
}

function contentOf(value: unknown, list: (reason: string) => void): string | null {
  if (value === null || value === undefined) return null
  const content = textOf(value)
  if (content.length <= LONGEST) return content
  const length = Array.from(content).length
  if (length <= LONGEST) return content
  if (length <= MOST_CHARACTERS) {
    list(`has ${String(length)} characters, more than the ${String(LONGEST)} of a message; brought whole`)
    return content
  }
  list(`has ${String(length)} characters; brought cut to ${String(MOST_CHARACTERS)}`)
  return cutTo(content, MOST_CHARACTERS)
}

/** One of a user and an emoji, in the order in which they were given. */
function reactionsOf(
  rows: readonly SourceRow[],
  sentAt: string,
  users: People,
  tally: Tally,
): ReactionThere[] {
  const reactions = new Map<string, ReactionThere>()
  for (const row of rows) {
    const name = textOf(row.name)
    const list = (reason: string): void => {
      tally.list('Chat Message Reaction', name, reason)
    }
    const user = users.find(textOf(row.user))
    const emoji = asEmoji(textOf(row.reaction_emoji))
    if (user === undefined) list(`its user "${textOf(row.user)}" does not exist; not brought`)
    else if (emoji === undefined) list('its reaction_emoji is no emoji; not brought')
    else if (reactions.has(`${user}\n${emoji}`))
      list('says what another one of the same user says; not brought')
    else {
      const at = timeOf(row.timestamp) ?? timeOf(row.creation) ?? sentAt
      reactions.set(`${user}\n${emoji}`, { name, user, emoji, at })
    }
  }
  return [...reactions.values()]
}

/** Of everything that can change in the source and shall be brought again. */
function fingerprintOf({ attachments, ...there }: Omit<MessageThere, 'fingerprint'>): string {
  const { modified: _modified, ...counts } = there
  const files = attachments.map(({ name, file_url, file_name }) => [name, file_url, file_name].map(textOf))
  return digest(JSON.stringify([counts, files]))
}
