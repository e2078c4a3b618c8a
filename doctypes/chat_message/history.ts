import type { Context } from '@f-chat/desk'
import type { AttachmentShown } from '../../realtime/events.ts'
import { rowsOf, type Query } from '../query.ts'
import { ATTACHMENT_COLUMNS, attachmentShown, type AttachmentRow } from './attachments.ts'
import { NOBODY_NAMED, readMentions, type Named } from './mentions.ts'

/** A message as get_chat_messages and sync answer it. */
export interface MessageRow {
  name: string
  chat_room: string
  sender: string
  message_type: string
  message_content: string | null
  timestamp: string
  reply_to_message: string | null
  reply_to_content: string | null
  reply_to_sender: string | null
  is_edited: number
  edit_timestamp: string | null
  is_deleted: number
  seq: number
  change_seq: number
  client_id: string | null
  attachments: AttachmentShown[]
  reactions: Record<string, Reaction>
  /** Users whom the message names; `@all` where it means the whole room. */
  mentions: string[]
  /** What stands behind each @ that names one of them, and whom it means. */
  mention_labels: Record<string, string>
  sender_info: { full_name: string; user_image: string | null }
}

export interface Reaction {
  count: number
  users: { user: string; timestamp: string }[]
}

/** Which of a room's messages, newest first except for `afterSeq`, which begins at the oldest of them. */
export interface HistoryQuery {
  room: string
  includeDeleted: boolean
  limit: number
  offset?: number | undefined
  beforeSeq?: number | undefined
  afterSeq?: number | undefined
  beforeTimestamp?: string | undefined
}

type StoredMessage = Omit<MessageRow, 'attachments' | 'reactions' | 'sender_info' | keyof Named> & {
  full_name: string | null
  user_image: string | null
}

const OWN = [
  'name',
  'chat_room',
  'sender',
  'message_type',
  'message_content',
  'timestamp',
  'reply_to_message',
  'is_edited',
  'edit_timestamp',
  'is_deleted',
  'seq',
  'change_seq',
  'client_id',
]

/**
 * Of a room's half a million messages MariaDB would read backwards from the newest, and look at each one's seq, rather
 * than begin in the middle of the very same index: a hint alone makes it do so.
 */
const BY_SEQ = '`tabChat Message` as `m` force index (`chat_room,seq`)'

/** Messages (`m`) with their sender and what they reply to. */
function storedMessages(ctx: Context, bySeq = false): Query {
  return ctx
    .db(bySeq && ctx.kind === 'mariadb' ? ctx.db.raw(BY_SEQ) : 'tabChat Message as m')
    .leftJoin('tabUser as u', 'u.name', 'm.sender')
    .leftJoin('tabChat Message as reply', 'reply.name', 'm.reply_to_message')
    .select(OWN.map((column) => `m.${column}`))
    .select(
      'reply.message_content as reply_to_content',
      'reply.sender as reply_to_sender',
      'u.full_name',
      'u.user_image',
    )
}

/** A part of a room's history, newest first; four statements. The caller has been checked. */
export async function readHistory(ctx: Context, query: HistoryQuery): Promise<MessageRow[]> {
  const forward = query.afterSeq !== undefined
  const order = forward ? 'asc' : 'desc'
  const rows = await rowsOf<StoredMessage>(
    storedMessages(ctx, query.beforeTimestamp === undefined)
      .where('m.chat_room', query.room)
      .modify((select) => {
        if (!query.includeDeleted) void select.where('m.is_deleted', 0)
        if (query.afterSeq !== undefined) void select.where('m.seq', '>', query.afterSeq)
        if (query.beforeSeq !== undefined) void select.where('m.seq', '<', query.beforeSeq)
        if (query.beforeTimestamp !== undefined) void select.where('m.timestamp', '<', query.beforeTimestamp)
      })
      .orderBy([
        // By the index of times, where a time says where to begin.
        ...(query.beforeTimestamp === undefined ? [] : [{ column: 'm.timestamp', order }]),
        { column: 'm.seq', order },
      ])
      .limit(query.limit)
      .offset(query.offset ?? 0),
  )
  if (forward) rows.reverse()
  return await withChildren(ctx, rows)
}

/** These messages of a room, newest first, without those that are deleted; as many statements as {@link readHistory}. */
export async function readMessages(
  ctx: Context,
  room: string,
  seqs: readonly number[],
): Promise<MessageRow[]> {
  if (seqs.length === 0) return []
  const rows = await rowsOf<StoredMessage>(
    storedMessages(ctx)
      .where({ 'm.chat_room': room, 'm.is_deleted': 0 })
      .whereIn('m.seq', seqs)
      .orderBy('m.seq', 'desc'),
  )
  return await withChildren(ctx, rows)
}

/** A stretch of a room's changes: change_seq in (after, upTo]. */
export interface ChangeRange {
  room: string
  after: number
  upTo: number
}

const RANGES_PER_STATEMENT = 100

/** The current state of every message changed in these stretches, in order of change. */
export async function readChanges(ctx: Context, ranges: readonly ChangeRange[]): Promise<MessageRow[]> {
  const rows: StoredMessage[] = []
  for (let start = 0; start < ranges.length; start += RANGES_PER_STATEMENT) {
    const part = ranges.slice(start, start + RANGES_PER_STATEMENT)
    const found = await rowsOf<StoredMessage>(
      storedMessages(ctx)
        .where((any) => {
          for (const { room, after, upTo } of part) {
            void any.orWhere((one) => {
              void one
                .where('m.chat_room', room)
                .where('m.change_seq', '>', after)
                .where('m.change_seq', '<=', upTo)
            })
          }
        })
        .orderBy([{ column: 'm.chat_room' }, { column: 'm.change_seq' }]),
    )
    rows.push(...found)
  }
  return await withChildren(ctx, rows)
}

async function withChildren(ctx: Context, rows: readonly StoredMessage[]): Promise<MessageRow[]> {
  const names = rows.map(({ name }) => name)
  if (names.length === 0) return []
  const attachments = await rowsOf<AttachmentRow & { parent: string }>(
    ctx
      .db('tabChat Message Attachment')
      .whereIn('parent', names)
      .orderBy('idx')
      .select('parent', ...ATTACHMENT_COLUMNS),
  )
  const reactions = await rowsOf<StoredReaction>(
    ctx
      .db('tabChat Message Reaction')
      .whereIn('parent', names)
      .orderBy('idx')
      .select('parent', 'user', 'reaction_emoji', 'timestamp'),
  )
  const mentions = await readMentions(ctx, names)
  return rows.map(({ full_name, user_image, ...message }) => ({
    ...message,
    attachments: attachments.filter(({ parent }) => parent === message.name).map(attachmentShown),
    reactions: groupReactions(reactions.filter(({ parent }) => parent === message.name)),
    ...(mentions.get(message.name) ?? NOBODY_NAMED),
    sender_info: { full_name: full_name ?? message.sender, user_image },
  }))
}

interface StoredReaction {
  parent: string
  user: string
  reaction_emoji: string
  timestamp: string
}

/** By emoji, in the order of first use. */
export function groupReactions(
  reactions: readonly Omit<StoredReaction, 'parent'>[],
): Record<string, Reaction> {
  const grouped = new Map<string, Reaction>()
  for (const { reaction_emoji, user, timestamp } of reactions) {
    const reaction = grouped.get(reaction_emoji) ?? { count: 0, users: [] }
    reaction.count += 1
    reaction.users.push({ user, timestamp })
    grouped.set(reaction_emoji, reaction)
  }
  return Object.fromEntries(grouped)
}
