import { ValidationError, type Context } from '@f-chat/desk'
import type { AttachmentShown } from '../../realtime/events.ts'
import { requireFileRoom } from '../chat_upload/admit.ts'
import type { ChatMessageAttachmentFields } from '../chat_message_attachment/chat_message_attachment.types.ts'
import { rowsOf } from '../query.ts'
import { readClaims, type Claim } from './claims.ts'
import { deleteUnreferenced } from './room-files.ts'

/** A row of what a message shows, but for what every row has. */
export type AttachmentRow = ChatMessageAttachmentFields

type Waiting = AttachmentRow & { name: string; creation: string }

/** Columns of an attachment's row that {@link attachmentShown} needs. */
export const ATTACHMENT_COLUMNS: readonly string[] = [
  ...['file_name', 'file_url', 'file_type', 'file_size', 'thumbnail_url'],
  ...['width', 'height', 'duration', 'waveform'],
]

/**
 * Takes files that the caller has uploaded to the room for a message of theirs. Each can be taken once: of two
 * messages that take the same, the later one is refused. Everything about a file is what was stored with it; only
 * what a recorder alone can know (see {@link Claim}) is taken from the client.
 * @param given what upload_chat_file answered, as the client sends it back
 * @param type the message's: what it says of its files must be so
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError
 */
export async function claimUploads(
  ctx: Context,
  room: string,
  given: readonly object[],
  type: string,
): Promise<AttachmentRow[]> {
  const claims = checkClaims(given, type)
  if (claims.length === 0) return []
  await requireFileRoom(ctx, room)
  const waiting = await rowsOf<Waiting>(
    ctx
      .db('tabChat Upload')
      .where({ chat_room: room, uploaded_by: ctx.user })
      .whereIn(
        'file_url',
        claims.map(({ url }) => url),
      )
      .select('name', 'creation', ...ATTACHMENT_COLUMNS),
  )
  const found = claims.map((claim) => {
    const row = waiting.find(({ file_url }) => file_url === claim.url)
    if (!row) throw notWaiting()
    return { claim, row }
  })
  const taken = await ctx
    .db('tabChat Upload')
    .whereIn(
      'name',
      found.map(({ row }) => row.name),
    )
    .delete()
  if (taken !== found.length) throw notWaiting()
  checkKinds(
    type,
    found.map(({ row }) => row.file_type ?? ''),
  )
  return found.map(({ claim, row: { name: _name, creation, ...row } }) => ({
    ...row,
    ...recordedOf(claim, row),
    uploaded_timestamp: creation,
  }))
}

/**
 * What of a client's files can be said without looking at its room.
 * @throws ValidationError
 */
export function checkClaims(given: readonly object[], type: string): Claim[] {
  const claims = readClaims(given)
  checkCount(type, claims.length)
  return claims
}

const notWaiting = (): Error =>
  new ValidationError(
    'Attach only files that you have uploaded to this room and that are in no message yet. Upload the file again.',
  )

function checkCount(type: string, files: number): void {
  if (files === 0 && ['File', 'Image', 'Voice'].includes(type))
    throw new ValidationError(`A message of type ${type} needs a file. Upload one first.`)
  if (type === 'Voice' && files !== 1) throw new ValidationError('A voice message is one recording.')
}

function checkKinds(type: string, types: readonly string[]): void {
  if (type === 'Image' && !types.every((one) => one.startsWith('image/')))
    throw new ValidationError('A message of type Image holds pictures only. Send the rest as type File.')
  if (type === 'Voice' && !types.every((one) => one.startsWith('audio/')))
    throw new ValidationError('A voice message is a recording of sound. Send this as type File.')
}

/** Whoever recorded knows the length better than a file written while it grew; what the server measured stands. */
function recordedOf(
  claim: Claim,
  row: Pick<ChatMessageAttachmentFields, 'file_type' | 'duration' | 'waveform'>,
): Pick<ChatMessageAttachmentFields, 'duration' | 'waveform'> {
  const { duration, waveform, file_type } = row
  if (waveform || !/^(audio|video)\//.test(file_type ?? '')) return { duration, waveform }
  return {
    duration: claim.duration ?? duration,
    waveform: claim.waveform && JSON.stringify(claim.waveform),
  }
}

/** An attachment's row as clients get it. */
export function attachmentShown(
  row: Omit<ChatMessageAttachmentFields, 'uploaded_timestamp'>,
): AttachmentShown {
  return {
    file_name: row.file_name ?? '',
    file_url: row.file_url ?? '',
    file_type: row.file_type,
    file_size: row.file_size,
    thumbnail_url: row.thumbnail_url,
    width: row.width || null,
    height: row.height || null,
    duration: row.duration || null,
    waveform: row.waveform ? (JSON.parse(row.waveform) as number[]) : null,
  }
}

/**
 * Takes the files off messages that are being deleted, in the same transaction: their attachment rows go, and every
 * File of theirs that no other message shows; contents follow after the commit.
 * @param messages names; the caller holds their room
 */
export async function releaseFiles(ctx: Context, messages: readonly string[]): Promise<void> {
  if (messages.length === 0) return
  const ofMessages = ctx
    .db('tabChat Message Attachment')
    .where('parenttype', 'Chat Message')
    .whereIn('parent', messages)
  const rows = await ofMessages
    .clone()
    .select<{ file_url: string; thumbnail_url: string | null }[]>('file_url', 'thumbnail_url')
  if (rows.length === 0) return
  await ofMessages.delete()
  const urls = rows.flatMap(({ file_url, thumbnail_url }) => [file_url, thumbnail_url ?? ''])
  await deleteUnreferenced(ctx, urls.filter(Boolean))
}
