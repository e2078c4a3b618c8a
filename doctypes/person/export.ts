import type { Context } from '@f-chat/desk'
import { ATTACHMENT_COLUMNS } from '../chat_message/attachments.ts'
import { rowsOf, type Query } from '../query.ts'

const AT_ONCE = 200

type Row = Record<string, unknown>

/**
 * What the chat keeps about a person, the `export_user` hook: the rooms that they are in, what they wrote, sent and
 * reacted with, where others mention them, and their calls; nobody else's words. Their activity is told by
 * `user_data_fields`.
 */
export function exportPersonFromChat(user: string, ctx: Context): Record<string, AsyncIterable<unknown>> {
  const { db } = ctx
  return {
    rooms: pieces(db('tabChat Room Member').where({ user }).orderBy(['parent', 'name']), (names) =>
      inRooms(ctx, 'tabChat Room Member as m', 'm.parent', names)
        .orderBy(['m.parent', 'm.name'])
        .select('m.role', 'm.is_muted', 'm.joined_date', 'm.last_read_timestamp', 'm.notify'),
    ),
    messages: pieces(
      db('tabChat Message')
        .where({ sender: user, is_deleted: 0 })
        .whereNot('message_type', 'System')
        .orderBy(['timestamp', 'name']),
      (names) =>
        inRooms(ctx, 'tabChat Message as m', 'm.chat_room', names)
          .orderBy(['m.timestamp', 'm.name'])
          .select(
            ...['m.name as message', 'm.timestamp', 'm.message_type', 'm.message_content'],
            ...['m.edit_timestamp', 'm.reply_to_message'],
          ),
      (rows) => withAttachments(ctx, rows),
    ),
    uploads: pieces(
      db('tabChat Upload').where({ uploaded_by: user }).orderBy(['creation', 'name']),
      (names) =>
        inRooms(ctx, 'tabChat Upload as m', 'm.chat_room', names)
          .orderBy(['m.creation', 'm.name'])
          .select('m.creation', ...ATTACHMENT_COLUMNS.map((column) => `m.${column}`)),
    ),
    reactions: pieces(
      db('tabChat Message Reaction').where({ user }).orderBy(['timestamp', 'name']),
      (names) =>
        inMessages(ctx, 'tabChat Message Reaction as m', names)
          .orderBy(['m.timestamp', 'm.name'])
          .select('m.reaction_emoji', 'm.timestamp'),
    ),
    mentions: pieces(db('tabChat Message Mention').where({ user }).orderBy(['creation', 'name']), (names) =>
      inMessages(ctx, 'tabChat Message Mention as m', names)
        .orderBy(['m.creation', 'm.name'])
        .select('message.timestamp', 'm.label'),
    ),
    calls: pieces(db('tabChat Call Participant').where({ user }).orderBy(['creation', 'name']), (names) =>
      db('tabChat Call Participant as m')
        .join('tabChat Call Session as s', 's.name', 'm.parent')
        .leftJoin('tabChat Room as r', 'r.name', 's.chat_room')
        .whereIn('m.name', names)
        .orderBy(['m.creation', 'm.name'])
        .select('s.name as call', 's.chat_room as room', 'r.room_name', 's.call_type', 's.start_time')
        .select('m.status', 'm.joined_time', 'm.left_time', 'm.duration'),
    ),
  }
}

/** Rows of a query, some hundreds at a time; their order is that of `own`. */
async function* pieces(
  own: Query,
  load: (names: readonly string[]) => Query,
  complete: (rows: Row[]) => Promise<Row[]> = (rows) => Promise.resolve(rows),
): AsyncGenerator<Row> {
  const names = (await own.pluck('name')) as string[]
  for (let start = 0; start < names.length; start += AT_ONCE)
    yield* await complete(await rowsOf<Row>(load(names.slice(start, start + AT_ONCE))))
}

function inRooms(ctx: Context, table: string, room: string, names: readonly string[]): Query {
  return ctx
    .db(table)
    .leftJoin('tabChat Room as r', 'r.name', room)
    .whereIn('m.name', names)
    .select(`${room} as room`, 'r.room_name', 'r.room_type')
}

function inMessages(ctx: Context, table: string, names: readonly string[]): Query {
  return ctx
    .db(table)
    .join('tabChat Message as message', 'message.name', 'm.parent')
    .leftJoin('tabChat Room as r', 'r.name', 'message.chat_room')
    .whereIn('m.name', names)
    .select('message.name as message', 'message.chat_room as room', 'r.room_name')
}

async function withAttachments(ctx: Context, messages: Row[]): Promise<Row[]> {
  const rows = await rowsOf<Row>(
    ctx
      .db('tabChat Message Attachment')
      .whereIn(
        'parent',
        messages.map(({ message }) => String(message)),
      )
      .orderBy(['parent', 'idx'])
      .select('parent', ...ATTACHMENT_COLUMNS),
  )
  return messages.map((message) => ({
    ...message,
    attachments: rows.flatMap(({ parent, ...attachment }) =>
      parent === message.message ? [attachment] : [],
    ),
  }))
}
