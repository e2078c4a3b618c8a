import { PermissionError, ValidationError, type Context } from '@f-chat/desk'
import type { MemberRoom } from '../chat_room/membership.ts'
import { nameFor, peersOf } from '../chat_room/peers.ts'
import { powersIn } from '../chat_room/powers.ts'
import { toCsv } from '../csv.ts'
import { addDays } from '../days.ts'
import { rowsOf, type Query } from '../query.ts'

export type ExportFormat = 'json' | 'csv'

/** Times as the database compares them; a day alone is meant as a whole. */
export interface ExportRange {
  from: string | undefined
  to: string | undefined
}

export interface Export {
  format: ExportFormat
  content: string
  filename: string
}

/** What one answer holds. */
const MOST_MESSAGES = 50_000
const MOST_CHARACTERS = 20_000_000

interface ExportedMessage {
  name: string
  seq: number
  timestamp: string
  sender: string
  sender_name: string
  message_type: string
  message_content: string | null
  reply_to_message: string | null
  is_edited: number
  edit_timestamp: string | null
  attachments: ExportedFile[]
}

interface ExportedFile {
  file_name: string
  file_url: string
  file_type: string | null
  file_size: number
}

/**
 * A room's messages, oldest first, for its Admins; deleted ones are left out, since nothing of them is left.
 * At most five statements, whatever the size.
 * @throws PermissionError, ValidationError where there is more than one answer can hold
 */
export async function exportMessages(
  ctx: Context,
  room: MemberRoom,
  range: ExportRange,
  format: ExportFormat,
): Promise<Export> {
  if (!powersIn(room, room).can_export) {
    throw new PermissionError('Only Admins export a room’s messages. Ask one of them.')
  }
  await checkSize(ctx, room.name, range)
  const messages = await readMessages(ctx, room.name, range)
  const exported_at = ctx.now()
  const filename = fileName(room, exported_at, format)
  if (format === 'csv') return { format, content: asCsv(messages), filename }
  const peers = await peersOf(ctx, room.room_type === 'Direct Message' ? [room.name] : [])
  const shown = {
    room_id: room.name,
    room_name: nameFor(room, peers.get(room.name)),
    room_type: room.room_type,
  }
  return { format, content: JSON.stringify({ room: shown, exported_at, messages }), filename }
}

function inRange(ctx: Context, room: string, { from, to }: ExportRange): Query {
  return ctx
    .db('tabChat Message as m')
    .where({ 'm.chat_room': room, 'm.is_deleted': 0 })
    .modify((query) => {
      if (from !== undefined) void query.where('m.timestamp', '>=', from)
      if (to === undefined) return
      if (to.length === 10) void query.where('m.timestamp', '<', `${addDays(to, 1)} 00:00:00`)
      else void query.where('m.timestamp', '<=', to)
    })
}

async function checkSize(ctx: Context, room: string, range: ExportRange): Promise<void> {
  const length = ctx.kind === 'mariadb' ? 'char_length' : 'length'
  const [size] = await rowsOf<{ messages: number; characters: number | string | null }>(
    inRange(ctx, room, range)
      .count({ messages: '*' })
      .select(ctx.db.raw(`sum(${length}(m.message_content)) as characters`)),
  )
  const messages = size?.messages ?? 0
  const characters = Number(size?.characters ?? 0)
  if (messages <= MOST_MESSAGES && characters <= MOST_CHARACTERS) return
  throw new ValidationError(
    `These are ${String(messages)} messages with ${String(characters)} characters; one export holds at most ${String(MOST_MESSAGES)} and ${String(MOST_CHARACTERS)}. Narrow from_date and to_date.`,
  )
}

async function readMessages(ctx: Context, room: string, range: ExportRange): Promise<ExportedMessage[]> {
  const rows = await rowsOf<
    Omit<ExportedMessage, 'attachments' | 'sender_name'> & { full_name: string | null }
  >(
    inRange(ctx, room, range)
      .leftJoin('tabUser as u', 'u.name', 'm.sender')
      .orderBy('m.seq')
      .select(
        ...['name', 'seq', 'timestamp', 'sender', 'message_type', 'message_content'].map((c) => `m.${c}`),
      )
      .select('m.reply_to_message', 'm.is_edited', 'm.edit_timestamp', 'u.full_name'),
  )
  const files = await rowsOf<ExportedFile & { parent: string }>(
    inRange(ctx, room, range)
      .join('tabChat Message Attachment as a', 'a.parent', 'm.name')
      .where('a.parenttype', 'Chat Message')
      .orderBy('a.idx')
      .select('a.parent', 'a.file_name', 'a.file_url', 'a.file_type', 'a.file_size'),
  )
  const byMessage = new Map<string, ExportedFile[]>()
  for (const { parent, ...file } of files) byMessage.set(parent, [...(byMessage.get(parent) ?? []), file])
  return rows.map(({ full_name, ...row }) => ({
    name: row.name,
    seq: row.seq,
    timestamp: row.timestamp,
    sender: row.sender,
    sender_name: full_name ?? row.sender,
    message_type: row.message_type,
    message_content: row.message_content,
    reply_to_message: row.reply_to_message,
    is_edited: row.is_edited,
    edit_timestamp: row.edit_timestamp,
    attachments: byMessage.get(row.name) ?? [],
  }))
}

const COLUMNS = 'Message,Number,Time,Sender,Sender Name,Type,Content,Reply To,Edited,Files'.split(',')

function asCsv(messages: readonly ExportedMessage[]): string {
  return toCsv([
    COLUMNS,
    ...messages.map((message) => [
      message.name,
      message.seq,
      message.timestamp,
      message.sender,
      message.sender_name,
      message.message_type,
      message.message_content,
      message.reply_to_message,
      message.edit_timestamp,
      message.attachments.map(({ file_name, file_url }) => `${file_name} (${file_url})`).join('\n'),
    ]),
  ])
}

/** Letters of no alphabet but ours, so that every system takes it: `Team-Alpha_CR-0001_2026-07-30.csv`. */
function fileName(room: { name: string; room_name: string }, at: string, format: ExportFormat): string {
  const plain = (text: string): string =>
    text
      .normalize('NFKD')
      .replaceAll(/\p{M}/gu, '')
      .replaceAll(/[^A-Za-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 60)
  const parts = [plain(room.room_name), plain(room.name), at.slice(0, 10)]
  return `${parts.filter((part) => part !== '').join('_')}.${format}`
}
