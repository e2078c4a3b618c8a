import { createHash } from 'node:crypto'
import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { tokensOf } from './tokens.ts'

/** The table of what can be found: one row a message, its words in a full-text index (docs/adr/0027). */
export const SEARCH_TABLE = '__chat_search'

/** So many messages of a room share a scope: a search looks through the newest scopes first. */
export const SCOPE = 2048
/** Characters of a scope's key. */
export const KEY_LENGTH = 5

/**
 * What the words of a room's messages begin with in the index: the words of one scope are found without touching
 * those of another. Two scopes may share a key, so that rows are narrowed by their room besides.
 */
export function scopeKey(room: string, scope: number): string {
  const digest = createHash('md5')
    .update(`${String(scope)}:${room}`)
    .digest()
  return (digest.readUInt32BE() % 36 ** KEY_LENGTH).toString(36).padStart(KEY_LENGTH, '0')
}

/** A message as the index takes it. */
export interface IndexedMessage {
  name: string
  chat_room: string
  seq: number
  message_type: string
  timestamp: string
  message_content: string | null
  /** Names of its files: they are found, too. */
  files?: readonly string[]
}

/** Where the index is written: a unit of work's transaction, or one of a rebuild. */
export type IndexHandle = Pick<Context, 'db' | 'kind'>

const COLUMNS = ['at', 'chat_room', 'seq', 'tokens']
const ROWS_PER_STATEMENT = 500

/**
 * Makes messages findable, in the transaction that stores or changes them: what the index had of them is replaced.
 * What has no words, and System messages, are not in it.
 */
export async function indexMessages(ctx: IndexHandle, messages: readonly IndexedMessage[]): Promise<void> {
  const rows: IndexRow[] = []
  const wordless: IndexedMessage[] = []
  for (const message of messages) {
    if (message.message_type === 'System') continue
    const row = indexRow(message)
    if (row) rows.push(row)
    else wordless.push(message)
  }
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    await storeRows(ctx, rows.slice(start, start + ROWS_PER_STATEMENT))
  }
  await removeRows(ctx, wordless)
}

/** Takes messages of a room out of the index, in the transaction that deletes them. */
export async function unindexPlaces(
  ctx: IndexHandle,
  chat_room: string,
  seqs: readonly number[],
): Promise<void> {
  if (seqs.length > 0) await ctx.db(SEARCH_TABLE).where({ chat_room }).whereIn('seq', seqs).delete()
}

/** The same by the messages' names. */
export async function unindexMessages(ctx: IndexHandle, names: readonly string[]): Promise<void> {
  for (let start = 0; start < names.length; start += ROWS_PER_STATEMENT) {
    const part = names.slice(start, start + ROWS_PER_STATEMENT)
    const places = await rowsOf<{ chat_room: string; seq: number }>(
      ctx.db('tabChat Message').whereIn('name', part).select('chat_room', 'seq'),
    )
    await removeRows(ctx, places)
  }
}

type IndexRow = (string | number)[]

function indexRow(message: IndexedMessage): IndexRow | undefined {
  const { chat_room, seq, timestamp, message_content, files = [] } = message
  const tokens = [message_content ?? '', ...files].flatMap(tokensOf)
  if (tokens.length === 0) return undefined
  const key = scopeKey(chat_room, Math.floor(seq / SCOPE))
  const text = ` ${tokens.map((token) => key + token).join(' ')} `
  return [timestamp, chat_room, seq, text]
}

/** A plain statement: a query that is built anew each time would cost a sender more than the insert. */
async function storeRows(ctx: IndexHandle, rows: readonly IndexRow[]): Promise<void> {
  const row = `(${COLUMNS.map(() => '?').join()})`
  const target = `into \`${SEARCH_TABLE}\` (${COLUMNS.join()}) values ${rows.map(() => row).join()}`
  const replaced =
    ctx.kind === 'mariadb'
      ? 'on duplicate key update at = values(at), tokens = values(tokens)'
      : 'on conflict (chat_room, seq) do update set at = excluded.at, tokens = excluded.tokens'
  await ctx.db.raw(`insert ${target} ${replaced}`, rows.flat())
}

async function removeRows(
  ctx: IndexHandle,
  places: readonly { chat_room: string; seq: number }[],
): Promise<void> {
  const byRoom = new Map<string, number[]>()
  for (const { chat_room, seq } of places) byRoom.set(chat_room, [...(byRoom.get(chat_room) ?? []), seq])
  for (const [room, seqs] of byRoom) await unindexPlaces(ctx, room, seqs)
}
