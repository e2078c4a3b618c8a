import { DeskError } from '../errors.ts'
import type { Site } from '../site/site.ts'

const DEFAULT_MOST = 25 * 1024 * 1024

/** Bytes that a file may have on this site (`max_file_size`). */
export function mostBytes(site: Site): number {
  const { max_file_size: configured } = site.config
  return typeof configured === 'number' && configured > 0 ? configured : DEFAULT_MOST
}

export function tooLarge(limit: number): DeskError {
  return new DeskError(
    { excType: 'ValidationError', status: 413, code: 'VALIDATION_ERROR' },
    `The file is too large: at most ${inWords(limit)} are allowed.`,
    'File too large',
  )
}

const MIB = 1024 * 1024
const inWords = (bytes: number): string =>
  bytes < MIB ? `${String(bytes)} bytes` : `${String(Math.round((bytes / MIB) * 10) / 10)} MB`
