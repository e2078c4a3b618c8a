import { findFiles } from './attachments.ts'
import { storeBatch } from './message-batch.ts'
import type { MessageKeys } from './message-keys.ts'
import {
  ATTACHMENT_COLUMNS,
  MESSAGE_COLUMNS,
  messageThere,
  REACTION_COLUMNS,
  type MessageThere,
} from './message-values.ts'
import { bringReadMarks } from './read-marks.ts'
import { parts, writeBatch, type ImportRun, type RoomHere } from './run.ts'
import { textOf, type SourceRow } from './values.ts'

/** Few enough that nobody who writes in the room meanwhile waits for long. */
const MESSAGES_PER_TRANSACTION = 500

/** Brings every room's messages, in the order of their time, and then how far its members have read. */
export async function importMessages(run: ImportRun, keys: MessageKeys): Promise<void> {
  let done = 0
  for (const [source, names] of keys.byRoom) {
    const room = run.rooms.get(source)
    if (!room) {
      for (const name of names)
        run.tally.list(
          'Chat Message',
          name,
          source === ''
            ? 'has no chat_room; not brought'
            : `its chat_room ${source} does not exist; not brought`,
        )
      done += names.length
      run.progress('Messages', done, keys.count)
      continue
    }
    for (const part of parts(names, MESSAGES_PER_TRANSACTION)) {
      await bringMessages(run, room, part)
      done += part.length
      run.progress('Messages', done, keys.count)
    }
  }
  let marked = 0
  for (const [source, room] of run.rooms) {
    await bringReadMarks(run, source, room)
    run.progress('Read marks', ++marked, run.rooms.size)
  }
}

async function bringMessages(run: ImportRun, room: RoomHere, names: readonly string[]): Promise<void> {
  const { ledger, site, tally } = run
  const { reader } = site.database
  const { messages, attachments } = await readMessages(run, names)
  const known = await ledger.find(
    reader,
    'Chat Message',
    messages.map(({ name }) => name),
  )
  const added = messages.filter(({ name }) => !known.has(name))
  const changed = messages.flatMap((there) => {
    const entry = known.get(there.name)
    const isNews = entry && (entry.fingerprint !== there.fingerprint || (entry.isPending && run.files))
    return isNews ? [{ there, entry }] : []
  })
  const same = messages.length - added.length - changed.length
  if (same > 0) tally.add('Chat Message', 'present', same)
  if (added.length + changed.length === 0) return
  const finder = await findFiles(run, attachments)
  const replies = await findReplies(run, added)
  await writeBatch(run, (ctx, told) =>
    storeBatch(run, ctx, { room: room.name, added, changed, replies, finder }, told),
  )
}

/** Messages of the source in this order, those that are broken beyond use left out. */
async function readMessages(
  run: ImportRun,
  names: readonly string[],
): Promise<{ messages: MessageThere[]; attachments: SourceRow[] }> {
  const { source, users, tally } = run
  const rows = await source.rowsBy('Chat Message', 'name', names, MESSAGE_COLUMNS)
  const attachments = await source.rowsBy('Chat Message Attachment', 'parent', names, ATTACHMENT_COLUMNS)
  const reactions = await source.rowsBy('Chat Message Reaction', 'parent', names, REACTION_COLUMNS)
  const byName = new Map(rows.map((row) => [textOf(row.name), row]))
  const attachmentsOf = byParent(attachments)
  const reactionsOf = byParent(reactions)
  const messages = names.flatMap((name) => {
    const row = byName.get(name)
    if (!row) return []
    const children = { reactions: reactionsOf.get(name) ?? [], attachments: attachmentsOf.get(name) ?? [] }
    const message = messageThere({ row, ...children }, users, tally)
    return message ? [message] : []
  })
  return { messages, attachments }
}

function byParent(rows: readonly SourceRow[]): Map<string, SourceRow[]> {
  const found = new Map<string, SourceRow[]>()
  for (const row of rows) {
    const parent = textOf(row.parent)
    const own = found.get(parent)
    if (own) own.push(row)
    else found.set(parent, [row])
  }
  return found
}

/** What these reply to, where it is in their own room and here already. */
async function findReplies(run: ImportRun, messages: readonly MessageThere[]): Promise<Map<string, string>> {
  const replies = messages.filter(({ reply }) => reply !== '')
  if (replies.length === 0) return new Map()
  const wanted = [...new Set(replies.map(({ reply }) => reply))]
  const rooms = new Map(
    (await run.source.rowsBy('Chat Message', 'name', wanted, ['chat_room'])).map((row) => [
      textOf(row.name),
      textOf(row.chat_room),
    ]),
  )
  const own = replies.filter(({ reply, room }) => rooms.get(reply) === room).map(({ reply }) => reply)
  const here = await run.ledger.find(run.site.database.reader, 'Chat Message', own)
  return new Map([...here].map(([name, { target }]) => [name, target]))
}
