import { open } from 'node:fs/promises'
import { fileTypeFromFile, supportedMimeTypes } from 'file-type'
import { extension, lookup } from 'mime-types'
import { ValidationError } from '../errors.ts'
import { extensionOf } from './names.ts'

export const UNKNOWN = 'application/octet-stream'
const HEAD_BYTES = 4096

/** Containers of which the content says less than the name: what a name may make of them. */
const CONTAINERS: Readonly<Record<string, RegExp>> = {
  'application/zip': /^application\/(vnd\.(openxmlformats|oasis)|epub|java-archive|vnd\.android)/,
  'application/x-cfb': /^application\/(msword|vnd\.ms-|vnd\.visio|x-msi)/,
  'application/xml': /\bxml$/,
  'application/ogg': /^(audio|video)\/ogg$/,
  'video/mp4': /^audio\/(mp4|x-m4a)$/,
  'video/webm': /^audio\/webm$/,
}

export const PROGRAM =
  /^application\/(x-(msdownload|elf|mach-binary|msi|apple-diskimage|ms-shortcut)|java-vm|wasm)$/
/** What a browser would run, were it served as HTML or SVG. */
const MARKUP = /<(!doctype|html|svg|script|body|iframe|\?xml)\b/i
/** What people open without a second thought. */
const HARMLESS = /^(image\/(?!svg)|audio\/|video\/|font\/|application\/(pdf|msword|vnd\.|rtf|zip))/
const TEXT = /^text\/|[/+](json|xml|yaml|javascript|x-sh|sql|toml|graphql|ld\+json|x-httpd-php)$/

/** The type that a file's name claims. */
export const claimOf = (name: string): string => {
  const extension = extensionOf(name).toLowerCase()
  // TypeScript's, not the video format's.
  return extension === '.ts' ? 'text/plain' : lookup(extension) || UNKNOWN
}

/**
 * The type of a received file: what its content is, and only where that cannot be told from the content what its
 * name says. A picture under another picture's name is stored as what it is.
 * @throws ValidationError for a program or a page under the name of a picture, recording or document
 */
export async function contentTypeOf(file: string, name: string): Promise<string> {
  const claim = claimOf(name)
  const found = await sniff(file)
  const head = await readHead(file)
  const active = found
    ? PROGRAM.test(found) || /\bxml$/.test(found)
    : isText(head) && MARKUP.test(String(head))
  if (active && HARMLESS.test(claim)) {
    throw new ValidationError(
      `"${name}" is not what its name says: it holds ${found && PROGRAM.test(found) ? 'a program' : 'a web page'}. Rename it and try again.`,
    )
  }
  if (found) return CONTAINERS[found]?.test(claim) ? claim : found
  if (isText(head)) return TEXT.test(claim) || claim === 'image/svg+xml' ? claim : 'text/plain'
  return TEXT.test(claim) || supportedMimeTypes.has(claim) ? UNKNOWN : claim
}

/** What cannot be read as the type that it begins like is of no known type. */
async function sniff(file: string): Promise<string | undefined> {
  try {
    return (await fileTypeFromFile(file))?.mime.split(';')[0]
  } catch {
    return undefined
  }
}

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

function isText(head: Buffer): boolean {
  if (head.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return true
  } catch {
    return false
  }
}

/** What a page may show in place; everything else is downloaded, since a browser might run it. */
const SHOWN = /^(image\/(?!svg)|audio\/|video\/|application\/pdf$|text\/plain$)/

export const mayBeShown = (contentType: string): boolean => SHOWN.test(contentType)

/** Frappe's `file_type`: the extension in capitals. */
export function fileTypeOf(contentType: string, name: string): string {
  const own = extensionOf(name).slice(1)
  return (own || extension(contentType) || '').toUpperCase().slice(0, 140)
}

/** What those who are no Desk Users may upload. */
const PUBLIC_TYPES = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/pdf',
  'application/msword',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.ms-excel',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'text/plain',
  'text/csv',
  'video/quicktime',
  'video/mp4',
])

export const isForEveryone = (contentType: string): boolean => PUBLIC_TYPES.has(contentType)
