import { randomUUID } from 'node:crypto'
import { hashName } from '../document/naming.ts'
import type { Place } from './store.ts'

/** What file systems hold. */
const MOST_BYTES = 255
const MOST_EXTENSION_BYTES = 20

/** Marks that turn the direction of text, so that `gpj.exe` is read as `exe.jpg`; and the byte order mark. */
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g
/** They mean something in a path, a URL or a shell of some system. */
const SPECIAL = /[\\/:*?"<>|%#]/g

/**
 * A file's name from outside as one that every system can hold and every URL can carry: no path, no control
 * characters or direction marks, no leading dot, at most 255 bytes with its extension kept.
 */
export function cleanFileName(name: string): string {
  const last = name.toWellFormed().normalize('NFC').split(/[\\/]/).pop() ?? ''
  const clean = last
    .replace(DIRECTION_MARKS, '')
    .replace(/\p{Zs}+|[\t\n\r\u2028\u2029]+/gu, ' ')
    .replace(/\p{Cc}/gu, '')
    .replace(SPECIAL, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
  return fit(clean === '' ? 'file' : clean, '')
}

/** The same name with something random before its extension, for one that is taken. */
export function withSuffix(name: string): string {
  return fit(name, `-${hashName()}`)
}

const SECRET = /^[0-9a-f]{32}(\.[a-z0-9]{1,20})?$/

/** A name that says nothing but what kind of file it is. */
export function secretName(extension: string): string {
  const ending = extension.toLowerCase()
  return randomUUID().replaceAll('-', '') + (/^\.[a-z0-9]{1,20}$/.test(ending) ? ending : '')
}

/** Whether a name is of that form, whoever made it. */
export const isSecretName = (name: string): boolean => SECRET.test(name)

/** The part from the last dot on; empty where there is none, or it is no extension. */
export function extensionOf(name: string): string {
  const extension = /(?<=[^.])\.[^.\s]+$/.exec(name)?.[0] ?? ''
  return Buffer.byteLength(extension) > MOST_EXTENSION_BYTES ? '' : extension
}

function fit(name: string, suffix: string): string {
  const end = suffix + extensionOf(name)
  const stem = name.slice(0, name.length - extensionOf(name).length)
  return cut(stem, MOST_BYTES - Buffer.byteLength(end)) + end
}

/** At most so many bytes, without half a character at the end. */
function cut(text: string, bytes: number): string {
  let kept = ''
  let length = 0
  for (const character of text) {
    length += Buffer.byteLength(character)
    if (length > bytes) break
    kept += character
  }
  return kept
}

/** Whether a store may look for a name: one part of a path, and no hidden one. */
export function isStorable(name: string): boolean {
  return (
    name !== '' && !name.startsWith('.') && !/[\\/\0]/.test(name) && Buffer.byteLength(name) <= MOST_BYTES
  )
}

/** `/files/x` or `/private/files/x`. */
export function urlOf({ isPrivate, name }: Place): string {
  return `${isPrivate ? '/private' : ''}/files/${name}`
}

/** The place that a URL of the site names; null for every other text. */
export function placeOf(url: string): Place | null {
  const [, side, name = ''] = /^(\/private)?\/files\/([^]*)$/.exec(url) ?? []
  return isStorable(name) ? { isPrivate: side !== undefined, name } : null
}

/** A Content-Disposition with the name as RFC 5987 (and RFC 6266) say it. */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}
