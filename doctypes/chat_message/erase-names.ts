import { ERASED_NAME, type Context, type PersonToErase } from '@f-chat/desk'
import { replaceMentions } from '../../markup/names.ts'
import type { LockedRoom } from '../chat_room/change.ts'
import { rowsOf } from '../query.ts'
import { withoutNames } from '../text.ts'
import { noteChanges } from './change-many.ts'
import { indexMessages, type IndexedMessage } from './search-index.ts'

/** A part of a room's messages, in their order: `limit` of those behind a number. */
interface Part {
  after: number
  limit: number
}

type Naming = IndexedMessage & { message_content: string }

/**
 * Where others mention a person in a locked room, {@link ERASED_NAME} stands from now on, and nobody is meant by it.
 * What else the others wrote stays as it is.
 * @returns the number of the last message; null at the end
 */
export async function eraseMentions(
  ctx: Context,
  room: LockedRoom,
  { user }: PersonToErase,
  { after, limit }: Part,
): Promise<number | null> {
  const mentions = ctx.db('tabChat Message Mention').where({ user, chat_room: room.name })
  const rows = await rowsOf<Naming>(
    ctx
      .db('tabChat Message')
      .where({ chat_room: room.name })
      .where('seq', '>', after)
      .whereIn('name', mentions.clone().select('parent'))
      .orderBy('seq')
      .limit(limit)
      .select('name', 'chat_room', 'seq', 'message_type', 'timestamp', 'message_content'),
  )
  const names = rows.map(({ name }) => name)
  const ofThese = mentions.whereIn('parent', names)
  const labels = await rowsOf<{ parent: string; label: string }>(ofThese.clone().select('parent', 'label'))
  const messages = rows.map((row) => {
    const own = labels.filter(({ parent }) => parent === row.name).map(({ label }) => label)
    return { ...row, message_content: replaceMentions(row.message_content, own, ERASED_NAME) }
  })
  const files = await filesOf(ctx, names)
  await storeTexts(ctx, messages)
  await indexMessages(
    ctx,
    messages.map((message) => ({ ...message, files: files.get(message.name) ?? [] })),
  )
  await ofThese.delete()
  await noteChanges(ctx, room, names)
  return rows.length < limit ? null : (rows.at(-1)?.seq ?? null)
}

/**
 * What a person did is told in a locked room without their name.
 * @returns the number of the last message; null at the end
 */
export async function eraseFromHistory(
  ctx: Context,
  room: LockedRoom,
  { user, names }: PersonToErase,
  { after, limit }: Part,
): Promise<number | null> {
  const rows = await rowsOf<{ name: string; seq: number; message_content: string | null }>(
    ctx
      .db('tabChat Message')
      .where({ chat_room: room.name, sender: user, message_type: 'System', is_deleted: 0 })
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(limit)
      .select('name', 'seq', 'message_content'),
  )
  const changed = rows.flatMap(({ name, seq, message_content }) => {
    const before = message_content ?? ''
    const text = toldWithoutName(before, seq, names)
    return text === before ? [] : [{ name, message_content: text }]
  })
  await storeTexts(ctx, changed)
  await noteChanges(
    ctx,
    room,
    changed.map(({ name }) => name),
  )
  return rows.length < limit ? null : (rows.at(-1)?.seq ?? null)
}

/** The first message of a room says who made it by the name of then, which need not be that of now. */
function toldWithoutName(text: string, seq: number, names: readonly string[]): string {
  const replaced = withoutNames(text, names, ERASED_NAME)
  if (replaced !== text || seq !== 1) return replaced
  return text.replace(/^.+?(?= created | started this conversation$)/s, ERASED_NAME)
}

async function storeTexts(
  ctx: Context,
  messages: readonly { name: string; message_content: string }[],
): Promise<void> {
  const modified = ctx.now()
  for (const { name, message_content } of messages)
    await ctx.db('tabChat Message').where({ name }).update({ message_content, modified })
}

async function filesOf(ctx: Context, messages: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const rows = await rowsOf<{ parent: string; file_name: string | null }>(
    ctx
      .db('tabChat Message Attachment')
      .whereIn('parent', messages)
      .orderBy('idx')
      .select('parent', 'file_name'),
  )
  const files = new Map<string, string[]>()
  for (const { parent, file_name } of rows) files.set(parent, [...(files.get(parent) ?? []), file_name ?? ''])
  return files
}
