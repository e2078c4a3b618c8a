import { ValidationError, type Context } from '@f-chat/desk'
import { formatBytes } from '../bytes.ts'
import type { ChatUploadFields } from '../chat_upload/chat_upload.types.ts'
import { requireFileRoom } from '../chat_upload/admit.ts'
import { rowsOf } from '../query.ts'
import { ATTACHMENT_COLUMNS } from './attachments.ts'
import { readClaims } from './claims.ts'
import { CHAT_DOCTYPES } from './room-files.ts'

/** An upload of the caller's that waits for its message. */
type Source = ChatUploadFields & { chat_room: string; file_url: string }

/** What the copies of one broadcast may take, since the transaction waits while they are made. */
const MOST_BYTES = 256 * 1024 * 1024

/** The files of a broadcast: each was uploaded to one of its rooms, and the others get copies of their own. */
export class BroadcastFiles {
  readonly #given: readonly object[]
  readonly #sources: ReadonlyMap<string, Source>

  private constructor(given: readonly object[], sources: ReadonlyMap<string, Source>) {
    this.#given = given
    this.#sources = sources
  }

  /** @throws ValidationError for what is no list of uploads, or too much to copy */
  static async find(
    ctx: Context,
    rooms: readonly string[],
    given: readonly object[],
  ): Promise<BroadcastFiles> {
    const urls = readClaims(given).map(({ url }) => url)
    if (urls.length === 0) return new BroadcastFiles(given, new Map())
    const rows = await rowsOf<Source>(
      ctx
        .db('tabChat Upload')
        .where('uploaded_by', ctx.user)
        .whereIn('chat_room', rooms)
        .whereIn('file_url', urls)
        .select('chat_room', ...ATTACHMENT_COLUMNS),
    )
    const sources = new Map(
      rows.filter(({ file_url }) => urls.includes(file_url)).map((row) => [row.file_url, row]),
    )
    const bytes = [...sources.values()].reduce((sum, { file_size }) => sum + file_size, 0)
    if (bytes * rooms.length > MOST_BYTES) {
      throw new ValidationError(
        `${formatBytes(bytes)} for ${String(rooms.length)} rooms are too much at once. Send to fewer rooms, or a link.`,
      )
    }
    return new BroadcastFiles(given, sources)
  }

  /**
   * What a message in this room attaches. Made before any room is locked: a copy takes its time.
   * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError
   */
  async of(ctx: Context, room: string): Promise<readonly object[]> {
    await requireFileRoom(ctx, room)
    const attached: object[] = []
    for (const claim of this.#given) {
      const source = this.#sources.get(String(Reflect.get(claim, 'file_url')))
      if (!source) {
        throw new ValidationError(
          'Attach only files that you have uploaded to one of the rooms and that are in no message yet. Upload the file again.',
        )
      }
      const file_url = source.chat_room === room ? source.file_url : await copyUpload(ctx, source, room)
      attached.push({ ...claim, file_url })
    }
    return attached
  }
}

/** The same file for another room, with a URL of its own; its content is on the disk once. */
async function copyUpload(ctx: Context, source: Source, room: string): Promise<string> {
  const { chat_room, file_url, thumbnail_url, ...media } = source
  const url = await copyFile(ctx, chat_room, file_url, room)
  await ctx.insert(
    'Chat Upload',
    {
      ...media,
      chat_room: room,
      uploaded_by: ctx.user,
      file_url: url,
      thumbnail_url: thumbnail_url && (await copyFile(ctx, chat_room, thumbnail_url, room)),
    },
    { ignorePermissions: true, ignoreLinks: true },
  )
  return url
}

async function copyFile(ctx: Context, from: string, url: string, room: string): Promise<string> {
  const rows = await ctx
    .db('tabFile')
    .where({ file_url: url, attached_to_doctype: CHAT_DOCTYPES[0], attached_to_name: from })
    .select<{ name: string; file_url: string }[]>('name', 'file_url')
  const row = rows.find(({ file_url }) => file_url === url)
  if (!row) throw new ValidationError('A file is not there any more. Upload it again.')
  const file = await ctx.getDoc('File', row.name)
  const copy = await ctx.saveFile({
    name: file.text('file_name'),
    content: await ctx.openFile(file),
    secretUrl: true,
    attachedTo: { doctype: 'Chat Room', name: room },
  })
  return copy.text('file_url')
}
