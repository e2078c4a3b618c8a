import { ValidationError, type Context, type Document, type Upload } from '@f-chat/desk'
import { mediaOf, type Media } from './media.ts'

/** A file as upload_chat_file answers it, and send_message takes it. */
export interface UploadedFile {
  file_name: string
  file_url: string
  /** MIME type, by the content. */
  file_type: string
  /** Bytes. */
  file_size: number
  /** The last part of its URL. */
  unique_filename: string
  /** The File's name. */
  file_doc_name: string
  is_audio: boolean
  thumbnail_url: string | null
  width: number | null
  height: number | null
  duration: number | null
  waveform: number[] | null
}

/** Files of one user that wait for their message. */
const MOST_WAITING = 200

/**
 * Stores files for a room, in one transaction: all of them, or none. Until they are in a message they are their
 * sender's alone. The caller has been checked.
 * @throws ValidationError where too many wait already
 */
export async function storeUploads(
  ctx: Context,
  room: string,
  uploads: readonly Upload[],
): Promise<UploadedFile[]> {
  const [counted] = await ctx.db('tabChat Upload').where({ uploaded_by: ctx.user }).count({ n: '*' })
  if (Number(counted?.n) + uploads.length > MOST_WAITING) {
    throw new ValidationError(
      'Too many of your files wait to be sent. Send them; those that are not sent are removed after a day.',
    )
  }
  const stored: UploadedFile[] = []
  for (const upload of uploads) stored.push(await storeUpload(ctx, room, upload))
  return stored
}

async function storeUpload(ctx: Context, room: string, upload: Upload): Promise<UploadedFile> {
  const media = mediaOf(upload)
  const store = (name: string, content: Upload | Uint8Array): Promise<Document> =>
    ctx.saveFile({ name, content, secretUrl: true, attachedTo: { doctype: 'Chat Room', name: room } })
  const file = await store(upload.name, upload)
  const thumbnail = media.thumbnail && (await store('thumbnail.webp', media.thumbnail))
  const { duration, waveform, width, height } = media
  const shown = {
    file_name: file.text('file_name'),
    file_url: file.text('file_url'),
    file_type: media.type,
    file_size: Number(file.get('file_size')),
    thumbnail_url: thumbnail?.text('file_url') ?? null,
  }
  await insertUpload(ctx, { ...shown, ...media, chat_room: room, uploaded_by: ctx.user })
  return {
    ...shown,
    unique_filename: shown.file_url.slice(shown.file_url.lastIndexOf('/') + 1),
    file_doc_name: file.name,
    is_audio: media.type.startsWith('audio/'),
    width,
    height,
    duration,
    waveform,
  }
}

async function insertUpload(
  ctx: Context,
  { thumbnail: _thumbnail, type: _type, waveform, ...values }: Media & Record<string, unknown>,
): Promise<void> {
  const row = { ...values, waveform: waveform && JSON.stringify(waveform) }
  await ctx.insert('Chat Upload', row, { ignorePermissions: true, ignoreLinks: true })
}
