import { buffer } from 'node:stream/consumers'
import { DeskError, ValidationError, type Context, type Document, type MailAttachment } from '@f-chat/desk'
import { formatBytes } from '../bytes.ts'
import { oneLine } from '../text.ts'

/** A file of a message, and where it belongs. */
export interface FileOfMessage {
  message: string
  room: string
  file_name: string
  file_url: string
}

/** All files of a mail together: what mail servers usually take, less the text and the encoding. */
const MOST_BYTES = 9 * 1024 * 1024
const LONGEST_NAME = 200

/**
 * Files of messages as a mail carries them, under the names that they have in the room.
 * @throws ValidationError where they are too large together, or one is gone
 */
export async function loadFiles(ctx: Context, files: readonly FileOfMessage[]): Promise<MailAttachment[]> {
  const documents = await Promise.all(files.map((file) => fileDocument(ctx, file)))
  const bytes = documents.reduce((sum, doc) => sum + Number(doc.get('file_size')), 0)
  if (bytes > MOST_BYTES) {
    throw new ValidationError(
      `The files have ${formatBytes(bytes)} together, and a mail holds at most ${formatBytes(MOST_BYTES)}. Share them in the room instead.`,
    )
  }
  const loaded: MailAttachment[] = []
  for (const [i, doc] of documents.entries()) {
    const filename = oneLine(files[i]?.file_name ?? doc.text('file_name'), LONGEST_NAME)
    const contentType = doc.text('content_type')
    const content = await read(ctx, doc, filename)
    loaded.push({ filename, content, ...(contentType ? { contentType } : {}) })
  }
  return loaded
}

/** The File that stands behind an attachment: the room's own, or one of the message's from the Python app. */
async function fileDocument(
  ctx: Context,
  { message, room, file_name, file_url }: FileOfMessage,
): Promise<Document> {
  const rows = await ctx
    .db('tabFile')
    .where({ file_url })
    .where((any) => {
      void any
        .where({ attached_to_doctype: 'Chat Room', attached_to_name: room })
        .orWhere({ attached_to_doctype: 'Chat Message', attached_to_name: message })
    })
    .select<{ name: string; file_url: string }[]>('name', 'file_url')
  // MariaDB's collation finds other cases of a URL's letters, too.
  const row = rows.find((one) => one.file_url === file_url)
  if (!row) throw gone(file_name)
  return await ctx.getDoc('File', row.name)
}

async function read(ctx: Context, doc: Document, name: string): Promise<Uint8Array> {
  try {
    return await buffer(await ctx.openFile(doc))
  } catch (error) {
    throw error instanceof DeskError ? gone(name) : error
  }
}

const gone = (name: string): Error =>
  new ValidationError(`The file ${name.slice(0, 140)} is not there any more: it cannot be mailed.`)
