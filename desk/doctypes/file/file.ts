import type { Context } from '../../context.ts'
import { documentOf } from '../../document/document.ts'
import { DoesNotExistError, LinkExistsError, PermissionError, ValidationError } from '../../errors.ts'
import { readableFile } from '../../files/access.ts'
import { attachmentOf } from '../../files/attachment.ts'
import { ATTACHMENTS, HOME } from '../../files/folders.ts'
import { cleanFileName, placeOf, urlOf } from '../../files/names.ts'
import { choosePlace, isTrusted, releaseContent } from '../../files/places.ts'
import { pointFieldTo } from '../../files/attach-field.ts'
import type { FileFields } from './file.types.ts'

/** What is known of a content and not the caller's to say. */
const ABOUT_CONTENT = ['file_size', 'file_type', 'content_type', 'content_hash'] as const
/** What a stored row keeps. */
const FIXED = [...ABOUT_CONTENT, 'is_folder', 'is_home_folder', 'is_attachments_folder'] as const

/**
 * A file, a link to one elsewhere, or a folder. A row's URL gives access to what it names, so a row gets the URL of
 * a stored content only from the framework that stored it, or if the caller may read that content already.
 */
export default class File extends documentOf<FileFields>() {
  override autoname(): void {
    if (this.is_folder) this.name = [this.folder, this.file_name].filter(Boolean).join('/')
  }

  override async before_insert(ctx: Context): Promise<void> {
    this.is_folder = flag(this.get('is_folder'))
    if (!isTrusted(this)) {
      this.is_home_folder = 0
      this.is_attachments_folder = 0
      for (const field of ABOUT_CONTENT) this.set(field, null)
      // A folder's name is made of its parent's and its own.
      if (this.is_folder) this.file_name = cleanFileName(this.text('file_name'))
    }
    if (!this.is_home_folder) this.folder = this.text('folder') || (attachmentOf(this) ? ATTACHMENTS : HOME)
    await this.#checkFolder(ctx)
  }

  override async validate(ctx: Context): Promise<void> {
    if (this.attached_to_doctype) this.#checkAttachment(ctx, this.attached_to_doctype)
    if (this.isNew) await this.#validateNew(ctx)
    else await this.#validateStored(ctx)
  }

  async #validateNew(ctx: Context): Promise<void> {
    if (isTrusted(this)) return
    if (this.is_folder) {
      if (this.text('file_url')) throw new ValidationError('A folder has no URL.')
      return
    }
    // As it was asked about: one that was changed now would be another than the rules have seen.
    const url = this.text('file_url')
    if (/^https?:\/\//i.test(url)) this.#linkElsewhere(url)
    else if (placeOf(url)) await this.#shareContent(ctx, url)
    else
      throw new ValidationError(
        'A file needs its content (upload it with upload_file), or a URL that begins with http://, https://, /files/ or /private/files/.',
      )
  }

  #linkElsewhere(url: string): void {
    if (!URL.canParse(url)) throw new ValidationError(`"${url.slice(0, 100)}" is not a URL.`)
    const last = new URL(url).pathname.split('/').pop() ?? ''
    this.is_private = 0
    this.file_name = cleanFileName(this.text('file_name') || decode(last) || new URL(url).hostname)
  }

  /** Another row for a stored content; locked, so that it does not go while this row is being made. */
  async #shareContent(ctx: Context, url: string): Promise<void> {
    const other = await readableFile(ctx, url, { lock: true })
    if (!other) throw new DoesNotExistError(`There is no file ${url.slice(0, 300)} that you may read.`)
    for (const field of [...ABOUT_CONTENT, 'is_private'] as const) this.set(field, other.get(field))
    this.file_name = cleanFileName(this.text('file_name') || other.text('file_name'))
  }

  async #validateStored(ctx: Context): Promise<void> {
    const stored = this.stored ?? {}
    if (this.file_url !== stored.file_url) {
      throw new ValidationError("A file's URL cannot be changed. Upload the new content as a new file.")
    }
    for (const field of FIXED) this.set(field, stored[field])
    if (this.is_folder) {
      if (this.file_name !== stored.file_name || this.folder !== stored.folder)
        throw new ValidationError('Folders cannot be renamed or moved. Make a new one.')
      return
    }
    this.file_name = cleanFileName(this.text('file_name'))
    if (this.folder !== stored.folder) await this.#checkFolder(ctx)
    const isPrivate = flag(this.get('is_private')) === 1
    const place = placeOf(this.text('file_url'))
    this.is_private = isPrivate && place ? 1 : 0
    if (place && place.isPrivate !== isPrivate) await this.#move(ctx, { isPrivate, name: place.name })
  }

  /** The content gets its name on the other side now, and loses the old one after the commit. */
  async #move(ctx: Context, wanted: { isPrivate: boolean; name: string }): Promise<void> {
    const from = { ...wanted, isPrivate: !wanted.isPrivate }
    const place = await choosePlace(ctx, wanted, async (to) => {
      const outcome = await ctx.site.files.link(from, to)
      if (outcome === 'missing')
        throw new ValidationError(`The content of ${this.text('file_name')} is missing. Upload it again.`)
      return outcome === 'done'
    })
    const oldUrl = urlOf(from)
    this.file_url = urlOf(place)
    this.#released = oldUrl
    const { attached_to_doctype, attached_to_name, attached_to_field } = this
    const field = { attached_to_doctype, attached_to_name, attached_to_field }
    await pointFieldTo(ctx, field, oldUrl, this.file_url)
  }

  #released = ''

  override async on_update(ctx: Context): Promise<void> {
    if (this.#released) await releaseContent(ctx, this.#released)
    this.#released = ''
  }

  override async on_trash(ctx: Context): Promise<void> {
    if (this.is_home_folder || this.is_attachments_folder)
      throw new PermissionError('The folders Home and Attachments cannot be deleted.')
    if (this.is_folder && (await ctx.exists('File', { folder: this.name })))
      throw new LinkExistsError(`The folder ${this.name} is not empty. Delete or move what is in it first.`)
  }

  override async after_delete(ctx: Context): Promise<void> {
    await releaseContent(ctx, this.text('file_url'))
  }

  #checkAttachment(ctx: Context, doctype: string): void {
    if (doctype === 'File') throw new ValidationError('A file cannot be attached to a file.')
    const field = this.text('attached_to_field')
    if (field && !ctx.meta(doctype).field(field))
      throw new ValidationError(`${doctype} has no field "${field}".`)
  }

  async #checkFolder(ctx: Context): Promise<void> {
    const folder = this.text('folder')
    if (folder === '') return
    const found = await ctx
      .db('tabFile')
      .where({ name: folder, is_folder: 1 })
      .first<{ name: string } | undefined>('name')
    if (found?.name !== folder) throw new DoesNotExistError(`There is no folder ${folder}.`)
  }
}

/** A Check as it may come from outside. */
const flag = (value: unknown): 0 | 1 => (value === 1 || value === '1' || value === true ? 1 : 0)

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
