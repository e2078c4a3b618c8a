import type { Context } from '@f-chat/desk'
import { attachmentRows, type AttachmentFinder } from './attachments.ts'
import { changeMessages, type MessageHere } from './change-messages.ts'
import { indexBrought, nameMentioned } from './findable.ts'
import { holdRoom, storeRoom, type HeldRoom } from './hold-room.ts'
import type { Entry } from './ledger.ts'
import type { MessageThere } from './message-values.ts'
import { countOwn } from './own-messages.ts'
import { childColumns, insertRows, standardColumns, type Row } from './rows.ts'
import type { ImportRun } from './run.ts'
import type { Tally } from './tally.ts'

/** Some messages of one room, in order, with what is known of them. */
export interface MessageBatch {
  room: string
  added: MessageThere[]
  changed: { there: MessageThere; entry: Entry }[]
  /** Where the messages that these reply to are, by name in the source; those of this batch are not among them. */
  replies: ReadonlyMap<string, string>
  finder: AttachmentFinder
}

/**
 * Stores a batch under its room's lock: what is new takes the room's next seq and change_seq, what has changed the
 * next change_seq (docs/adr/0003).
 */
export async function storeBatch(
  run: ImportRun,
  ctx: Context,
  batch: MessageBatch,
  tally: Tally,
): Promise<void> {
  const room = await holdRoom(ctx, batch.room)
  await addMessages(run, ctx, room, batch, tally)
  const here = batch.changed.map(({ there, entry }): MessageHere => ({
    there,
    name: entry.target,
    isNews: entry.fingerprint !== there.fingerprint,
  }))
  await changeMessages(run, ctx, room, here, batch.finder, tally)
  await storeRoom(ctx, room)
}

async function addMessages(
  run: ImportRun,
  ctx: Context,
  room: HeldRoom,
  { added, replies, finder }: MessageBatch,
  tally: Tally,
): Promise<void> {
  if (added.length === 0) return
  const names = await run.names.choose(
    ctx,
    'Chat Message',
    added.map(({ name }) => name),
  )
  if (room.change_seq === 0) Object.assign(room, { members_change_seq: 1, settings_change_seq: 1 })
  const seqOf = new Map<string, number>()
  const messages: Row[] = []
  const reactions: Row[] = []
  const attachments: Row[] = []
  const pending = new Set<string>()
  for (const there of added) {
    const name = names.get(there.name) ?? there.name
    room.last_seq += 1
    room.change_seq += 1
    room.deleted_count += there.is_deleted
    if (there.at > (room.last_message_at ?? '') || room.last_seq === 1) room.last_message_at = there.at
    // Only what stands before a message can be replied to.
    const inBatch = seqOf.has(there.reply) ? names.get(there.reply) : undefined
    const reply = inBatch ?? replies.get(there.reply) ?? null
    if (there.reply !== '' && reply === null)
      tally.list(
        'Chat Message',
        there.name,
        `what it replies to (${there.reply}) is not before it in its room; brought without`,
      )
    messages.push(messageRow(room, name, there, reply))
    reactions.push(...reactionRows(run, name, there))
    const files = await attachmentRows(run, ctx, { room: room.name, message: name, there, finder }, tally)
    attachments.push(...files.rows)
    if (files.isPending) pending.add(there.name)
    seqOf.set(there.name, room.last_seq)
  }
  await insertRows(ctx, 'Chat Message', messages)
  await insertRows(ctx, 'Chat Message Reaction', reactions)
  await insertRows(ctx, 'Chat Message Attachment', attachments)
  await countOwn(ctx, room.name, added)
  const brought = added.map((there) => ({
    room: room.name,
    name: names.get(there.name) ?? there.name,
    seq: seqOf.get(there.name) ?? 0,
    there,
  }))
  await indexBrought(ctx, brought)
  for (const message of brought) await nameMentioned(ctx, room.name, message, null)
  await run.ledger.add(
    ctx,
    'Chat Message',
    added.map(({ name, fingerprint }) => ({
      source: name,
      target: names.get(name) ?? name,
      fingerprint,
      isPending: pending.has(name),
    })),
  )
  tally.add('Chat Message', 'brought', messages.length)
  if (reactions.length > 0) tally.add('Chat Message Reaction', 'brought', reactions.length)
  if (attachments.length > 0) tally.add('Chat Message Attachment', 'brought', attachments.length)
}

function messageRow(room: HeldRoom, name: string, there: MessageThere, reply: string | null): Row {
  return {
    ...standardColumns(name, there.sender, there.at, there.modified),
    chat_room: room.name,
    sender: there.sender,
    message_type: there.message_type,
    timestamp: there.at,
    message_content: there.content,
    reply_to_message: reply,
    is_edited: there.is_edited,
    edit_timestamp: there.edited_at,
    is_deleted: there.is_deleted,
    delete_timestamp: there.deleted_at,
    seq: room.last_seq,
    change_seq: room.change_seq,
  }
}

/** Rows of the reactions that the source has at a message. */
export function reactionRows(run: ImportRun, message: string, there: MessageThere): Row[] {
  return there.reactions.map(({ name, user, emoji, at }, i) => ({
    ...standardColumns(run.ledger.childName('Chat Message Reaction', name), user, at),
    ...childColumns(message, 'Chat Message', 'reactions', i + 1),
    user,
    reaction_emoji: emoji,
    timestamp: at,
  }))
}
