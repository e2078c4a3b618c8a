import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { releaseFiles } from '../chat_message/attachments.ts'
import { dropMentions } from '../chat_message/mentions.ts'
import { attachmentRows, isMissing, type AttachmentFinder, type AttachmentPlace } from './attachments.ts'
import type { HeldRoom } from './hold-room.ts'
import { BROUGHT } from './ledger.ts'
import { reactionRows } from './message-batch.ts'
import type { MessageThere } from './message-values.ts'
import { indexBrought, nameMentioned } from './findable.ts'
import { insertRows } from './rows.ts'
import type { ImportRun } from './run.ts'
import type { Tally } from './tally.ts'

/** A message that was brought before; the source says something new of it, or it lacks a file. */
export interface MessageHere {
  there: MessageThere
  name: string
  isNews: boolean
}

/** Brings messages of a held room to what the source says now; one that was deleted here stays deleted. */
export async function changeMessages(
  run: ImportRun,
  ctx: Context,
  room: HeldRoom,
  changed: readonly MessageHere[],
  finder: AttachmentFinder,
  tally: Tally,
): Promise<void> {
  if (changed.length === 0) return
  const rows = await rowsOf<StoredMessage>(
    ctx
      .db('tabChat Message')
      .whereIn(
        'name',
        changed.map(({ name }) => name),
      )
      .forUpdate()
      .select('name', 'seq', 'is_deleted', 'message_content'),
  )
  const stored = new Map(rows.map((row) => [row.name, row]))
  for (const { there, name, isNews } of changed) {
    const here = stored.get(name)
    const outcome =
      here?.is_deleted === 0 ? await changeOne(run, ctx, room, here, { there, isNews, finder }, tally) : null
    tally.add('Chat Message', outcome?.isChanged ? 'changed' : 'present')
    await run.ledger.update(ctx, 'Chat Message', there.name, {
      fingerprint: there.fingerprint,
      isPending: outcome?.isPending ?? false,
    })
  }
}

interface StoredMessage {
  name: string
  seq: number
  is_deleted: number
  message_content: string | null
}

async function changeOne(
  run: ImportRun,
  ctx: Context,
  room: HeldRoom,
  here: StoredMessage,
  { there, isNews, finder }: { there: MessageThere; isNews: boolean; finder: AttachmentFinder },
  tally: Tally,
): Promise<{ isChanged: boolean; isPending: boolean }> {
  const { name } = here
  const place = { room: room.name, message: name, there, finder }
  const { isPending, files } = there.is_deleted
    ? { isPending: false, files: 0 }
    : await changeAttachments(run, ctx, place, tally)
  if (!isNews && files === 0) return { isChanged: false, isPending }
  room.change_seq += 1
  await ctx.db('tabChat Message').where({ name }).update({ change_seq: room.change_seq })
  if (isNews) {
    await changeReactions(run, ctx, name, there)
    await changeText(ctx, room, here, there)
  }
  await indexBrought(ctx, [{ room: room.name, name, seq: here.seq, there }])
  return { isChanged: true, isPending }
}

async function changeText(
  ctx: Context,
  room: HeldRoom,
  here: StoredMessage,
  there: MessageThere,
): Promise<void> {
  const { name } = here
  await ctx.db('tabChat Message').where({ name }).update({
    message_content: there.content,
    is_edited: there.is_edited,
    edit_timestamp: there.edited_at,
    is_deleted: there.is_deleted,
    delete_timestamp: there.deleted_at,
    modified: ctx.now(),
    modified_by: ctx.user,
  })
  if (there.is_deleted) {
    room.deleted_count += 1
    await releaseFiles(ctx, [name])
    await dropMentions(ctx, [name])
    return
  }
  await nameMentioned(ctx, room.name, { name, seq: here.seq, there }, here.message_content)
}

/** Those that came from the source are as they are there; those that were left here stay. */
async function changeReactions(
  run: ImportRun,
  ctx: Context,
  message: string,
  there: MessageThere,
): Promise<void> {
  const here = await rowsOf<{ name: string; user: string; reaction_emoji: string }>(
    ctx
      .db('tabChat Message Reaction')
      .where({ parent: message })
      .forUpdate()
      .select('name', 'user', 'reaction_emoji'),
  )
  const wanted = reactionRows(run, message, there)
  const names = new Set(wanted.map(({ name }) => name))
  const isGone = ({ name }: { name: string }): boolean =>
    there.is_deleted === 1 || (name.startsWith(BROUGHT) && !names.has(name))
  const gone = here.filter(isGone).map(({ name }) => name)
  if (gone.length > 0) await ctx.db('tabChat Message Reaction').whereIn('name', gone).delete()
  const left = here.filter((row) => !isGone(row))
  const said = new Set(left.map(({ user, reaction_emoji }) => `${user}\n${reaction_emoji}`))
  await insertRows(
    ctx,
    'Chat Message Reaction',
    wanted.filter(({ user, reaction_emoji }) => !said.has(`${String(user)}\n${String(reaction_emoji)}`)),
  )
}

async function changeAttachments(
  run: ImportRun,
  ctx: Context,
  place: AttachmentPlace,
  tally: Tally,
): Promise<{ isPending: boolean; files: number }> {
  const here = await rowsOf<{ name: string; file_url: string }>(
    ctx
      .db('tabChat Message Attachment')
      .where({ parent: place.message })
      .forUpdate()
      .select('name', 'file_url'),
  )
  const complete = new Set(here.filter(({ file_url }) => !isMissing(file_url)).map(({ name }) => name))
  const { rows, isPending, files } = await attachmentRows(run, ctx, place, tally, complete)
  const replaced = rows.map(({ name }) => String(name))
  const wanted = new Set([...replaced, ...complete])
  const there = new Set(
    place.there.attachments.map(({ name }) => run.ledger.childName('Chat Message Attachment', String(name))),
  )
  const gone = here.filter(
    ({ name }) =>
      replaced.includes(name) || (name.startsWith(BROUGHT) && !(wanted.has(name) && there.has(name))),
  )
  if (gone.length > 0)
    await ctx
      .db('tabChat Message Attachment')
      .whereIn(
        'name',
        gone.map(({ name }) => name),
      )
      .delete()
  await insertRows(ctx, 'Chat Message Attachment', rows)
  return { isPending, files }
}
