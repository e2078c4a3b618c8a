import { lookup } from 'mime-types'
import { ValidationError } from '../errors.ts'
import { claimOf, PROGRAM, UNKNOWN } from './content-type.ts'
import { extensionOf } from './names.ts'
import { tooLarge } from './size.ts'
import type { Upload } from './upload.ts'

/** What the files of a call must be. */
export interface FileLimits {
  /** Bytes of one file, where fewer than the site allows. */
  mostBytes?: number
  /** Kinds as HTML's `accept` names them: `image/*,application/pdf,.docx`. Anything, where it is absent. */
  accept?: string
}

/** @throws ValidationError for a name that claims to be of another kind; a name that claims nothing may be anything */
export function checkName(name: string, { accept }: FileLimits): void {
  const claim = claimOf(name)
  if (accept !== undefined && claim !== UNKNOWN && !isAccepted(accept, name, claim))
    throw notAccepted(accept, name)
}

/** Name and content must both be of an accepted kind. @throws ValidationError, with 413 for too large a file */
export function checkUpload({ name, contentType, received }: Upload, limits: FileLimits): void {
  if (limits.mostBytes !== undefined && received.size > limits.mostBytes) throw tooLarge(limits.mostBytes)
  checkName(name, limits)
  const { accept } = limits
  if (accept !== undefined && !isAccepted(accept, name, contentType)) throw notAccepted(accept, name)
}

const notAccepted = (accept: string, name: string): Error =>
  new ValidationError(
    `"${name.slice(0, 140)}" is of a kind that is not allowed here. Allowed are: ${patternsOf(accept).join(', ')}.`,
  )

const patternsOf = (accept: string): string[] =>
  accept
    .split(',')
    .map((pattern) => pattern.trim().toLowerCase())
    .filter(Boolean)

/** Whether a type is one of these, for a file of that name. */
function isAccepted(accept: string, name: string, type: string): boolean {
  const extension = extensionOf(name).toLowerCase()
  return patternsOf(accept).some((pattern) => {
    if (pattern === '*' || pattern === '*/*') return true
    if (pattern.endsWith('/*')) return type.startsWith(pattern.slice(0, -1))
    if (!pattern.startsWith('.')) return type === pattern
    // An ending stands for its type; one that nobody knows for whatever is no program.
    const known = lookup(pattern)
    return known ? type === known : extension === pattern && !PROGRAM.test(type)
  })
}
