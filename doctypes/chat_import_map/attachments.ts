import type { Context } from '@f-chat/desk'
import { localPlace } from './file-tree.ts'
import type { MessageThere } from './message-values.ts'
import { childColumns, standardColumns, type Row } from './rows.ts'
import type { ImportRun } from './run.ts'
import type { Tally } from './tally.ts'
import { isRefusal } from './users.ts'
import { cutTo, textOf, timeOf, wholeOf, type SourceRow } from './values.ts'

/** What the source knows of the files that some messages name, by URL. */
export type AttachmentFinder = ReadonlyMap<string, readonly SourceRow[]>

const NAME_LENGTH = 140
/** No stored file has such a URL: nobody reads anything by it. */
const MISSING = '/private/files/missing/'

/** Whether a row stands for a file that has not come yet. */
export const isMissing = (url: string): boolean => url.startsWith(MISSING)

export async function findFiles(
  run: ImportRun,
  attachments: readonly SourceRow[],
): Promise<AttachmentFinder> {
  const urls = [
    ...new Set(attachments.map(({ file_url }) => textOf(file_url)).filter((url) => localPlace(url))),
  ]
  const columns = ['owner', 'file_name', 'is_private', 'attached_to_doctype', 'attached_to_name']
  const byUrl = new Map<string, SourceRow[]>()
  if (urls.length === 0) return byUrl
  for (const row of await run.source.rowsBy('File', 'file_url', urls, columns)) {
    const url = textOf(row.file_url)
    byUrl.set(url, [...(byUrl.get(url) ?? []), row])
  }
  return byUrl
}

export interface AttachmentPlace {
  room: string
  message: string
  there: MessageThere
  finder: AttachmentFinder
}

/**
 * Rows of a message's attachments, each with a private file of its room's, whatever it was before. One whose file is
 * missing keeps its row, so that people see what was there, and a later run completes it.
 * @param complete names of rows that are here with their files
 */
export async function attachmentRows(
  run: ImportRun,
  ctx: Context,
  place: AttachmentPlace,
  tally: Tally,
  complete: ReadonlySet<string> = new Set(),
): Promise<{ rows: Row[]; isPending: boolean; files: number }> {
  const rows: Row[] = []
  let isPending = false
  let files = 0
  for (const [i, row] of place.there.attachments.entries()) {
    const name = run.ledger.childName('Chat Message Attachment', textOf(row.name))
    if (complete.has(name)) continue
    const url = textOf(row.file_url)
    const last = url.slice(url.lastIndexOf('/') + 1)
    const file_name = cutTo(textOf(row.file_name).trim() || last || 'file', NAME_LENGTH)
    const outcome = await bringFile(run, ctx, place, url, file_name)
    if ('problem' in outcome) {
      isPending = true
      tally.list('Chat Message Attachment', textOf(row.name), `${outcome.problem}; brought without its file`)
    } else files += 1
    const at = timeOf(row.uploaded_timestamp) ?? timeOf(row.creation) ?? place.there.at
    rows.push({
      ...standardColumns(name, place.there.sender, at),
      ...childColumns(place.message, 'Chat Message', 'file_attachments', i + 1),
      file_name,
      uploaded_timestamp: at,
      ...('problem' in outcome
        ? {
            file_url: MISSING + encodeURIComponent(file_name).slice(0, 400),
            file_size: Math.min(Math.max(wholeOf(row.file_size) ?? 0, 0), Number.MAX_SAFE_INTEGER),
            file_type: cutTo(textOf(row.file_type), NAME_LENGTH) || null,
          }
        : outcome),
    })
  }
  if (files > 0) tally.add('File', 'brought', files)
  return { rows, isPending, files }
}

interface Stored {
  file_url: string
  file_size: number
  file_type: string
}

async function bringFile(
  run: ImportRun,
  ctx: Context,
  { room, there, finder }: AttachmentPlace,
  url: string,
  file_name: string,
): Promise<Stored | { problem: string }> {
  const place = localPlace(url)
  if (!place) return { problem: `its file_url "${cutTo(url, 100)}" is no file of the site` }
  if (place.isPrivate && !isTheirs(run, there, finder.get(url) ?? []))
    return { problem: `the file ${cutTo(url, 100)} is not its sender's, nor the room's` }
  if (!run.files) return { problem: `the file ${cutTo(url, 100)} needs --files` }
  const content = await run.files.read(url)
  if (!content) return { problem: `the file ${cutTo(url, 100)} is not under --files` }
  try {
    const file = await ctx.attempt(() =>
      ctx.asUser(there.sender).saveFile({
        name: file_name,
        content,
        isPrivate: true,
        secretUrl: true,
        attachedTo: { doctype: 'Chat Room', name: room },
      }),
    )
    return {
      file_url: file.text('file_url'),
      file_size: Number(file.get('file_size')),
      file_type: file.text('content_type'),
    }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { problem: `the file ${cutTo(url, 100)} cannot be stored here: ${error.message}` }
  } finally {
    content.destroy()
  }
}

/**
 * In the Python app anybody could attach any file's URL. A private one is brought only where the source says that it
 * was the sender's own, or belonged to the message or its room: nobody gets to read through this what they could not.
 */
function isTheirs(run: ImportRun, there: MessageThere, rows: readonly SourceRow[]): boolean {
  return rows.some((row) => {
    const doctype = textOf(row.attached_to_doctype)
    const name = textOf(row.attached_to_name)
    return (
      (doctype === 'Chat Message' && name === there.name) ||
      (doctype === 'Chat Room' && name === there.room) ||
      run.users.find(textOf(row.owner)) === there.sender
    )
  })
}
