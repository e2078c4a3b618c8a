import { Readable } from 'node:stream'
import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import { DoesNotExistError, ValidationError } from '../errors.ts'
import { contentTypeOf, fileTypeOf, isForEveryone } from './content-type.ts'
import { cleanFileName, extensionOf, placeOf, secretName, urlOf } from './names.ts'
import { choosePlace, trust } from './places.ts'
import { mostBytes } from './size.ts'
import type { Place, Received, StoredContent } from './store.ts'
import type { Upload } from './upload.ts'

/** A file to be stored. */
export interface SaveFile {
  /** As people shall see it; cleaned of everything that no file system or URL should meet. */
  name: string
  /** A stream is read while the transaction waits: receive what is large or slow by a method with `files`. */
  content: Uint8Array | Readable | Upload
  /**
   * Its URL says nothing and cannot be guessed; nobody learns from it that others have files of the same name. To those
   * who may not read it, it does not exist (404), where Frappe's answer is that they may not (403).
   */
  secretUrl?: boolean
  /** Default true: read by the owner, and by those who read the document that it is attached to. */
  isPrivate?: boolean
  attachedTo?: { doctype: string | null; name: string | null; field?: string | null }
  /** Name of a folder; default Home, or Home/Attachments. */
  folder?: string
}

/**
 * Stores content as a new File of the caller's, in the caller's transaction: the content has its place before the
 * commit, and loses it where there will be none. Whoever calls has been asked for permission already.
 * @throws ValidationError for content that is not what its name says, or (413) has more than `max_file_size` bytes
 */
export async function saveFile(ctx: Context, input: SaveFile): Promise<Document> {
  if (!ctx.writes) throw new ValidationError('Files are saved by a method that writes.')
  const name = cleanFileName(input.name)
  const { received, contentType } = await receive(ctx, name, input.content)
  const isPrivate = input.isPrivate ?? true
  const storedName = input.secretUrl ? secretName(extensionOf(name)) : name
  const place = await placeReceived(ctx, received, { isPrivate, name: storedName })
  const doc = ctx.newDoc('File', {
    file_name: name,
    file_url: urlOf(place),
    is_private: isPrivate ? 1 : 0,
    file_size: received.size,
    file_type: fileTypeOf(contentType, name),
    content_type: contentType,
    content_hash: received.hash,
    folder: input.folder ?? null,
    attached_to_doctype: input.attachedTo?.doctype ?? null,
    attached_to_name: input.attachedTo?.name ?? null,
    attached_to_field: input.attachedTo?.field ?? null,
  })
  trust(doc)
  return await doc.insert({ ignorePermissions: true })
}

async function receive(
  ctx: Context,
  name: string,
  content: SaveFile['content'],
): Promise<{ received: Received; contentType: string }> {
  if ('received' in content) {
    // Under another name than it came with it is asked again whether it is what that name says.
    const isRenamed = content.name !== name
    return isRenamed ? { ...content, contentType: await contentTypeOf(content.received.path, name) } : content
  }
  const { files } = ctx.site
  const stream = content instanceof Readable ? content : Readable.from([content])
  const received = await files.receive(stream, mostBytes(ctx.site))
  const discard = (): Promise<void> => files.discard(received)
  ctx.afterCommit(discard)
  ctx.afterRollback(discard)
  return { received, contentType: await contentTypeOf(received.path, name) }
}

/** The same content on the same side is stored once, under as many names as it has; nobody learns of the others. */
async function placeReceived(ctx: Context, received: Received, wanted: Place): Promise<Place> {
  const { files } = ctx.site
  const twin = await twinOf(ctx, received, wanted.isPrivate)
  return await choosePlace(ctx, wanted, async (place) => {
    const outcome = twin ? await files.link(twin, place) : 'missing'
    return outcome === 'missing' ? await files.put(received, place) : outcome === 'done'
  })
}

async function twinOf(ctx: Context, received: Received, isPrivate: boolean): Promise<Place | null> {
  const row = await ctx
    .db('tabFile')
    .where({ content_hash: received.hash, is_private: isPrivate ? 1 : 0, file_size: received.size })
    .first<{ file_url: string } | undefined>('file_url')
  const place = placeOf(row?.file_url ?? '')
  const content = place && (await ctx.site.files.open(place))
  await content?.close()
  return content?.size === received.size ? place : null
}

/** @throws DoesNotExistError where the File is a link, a folder, or has lost its content */
export async function openContent(ctx: Context, file: Document): Promise<StoredContent> {
  const place = placeOf(file.text('file_url'))
  const content = place && (await ctx.site.files.open(place))
  if (!content) throw new DoesNotExistError(`The content of the file ${file.text('file_name')} is missing.`)
  return content
}

/** See {@link Context.openFile}. */
export async function openFile(ctx: Context, file: Document): Promise<Readable> {
  return (await openContent(ctx, file)).stream()
}

/** Those who are no Desk Users may store pictures, documents and plain text only. @throws ValidationError */
export async function checkAllowedType(ctx: Context, contentType: string): Promise<void> {
  if (isForEveryone(contentType) || (await ctx.roles()).has('Desk User')) return
  throw new ValidationError(
    'You can upload only JPG, PNG, GIF, WebP, PDF, TXT and CSV files, MP4 and QuickTime videos, and Microsoft or OpenDocument documents.',
  )
}
