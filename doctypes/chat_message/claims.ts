import { ValidationError } from '@f-chat/desk'

/** Files of one message. */
export const MOST_FILES = 10
/** Bars of a waveform. */
const MOST_BARS = 128
/** A day. */
const MOST_SECONDS = 86_400
const LONGEST_URL = 700

/** What a client may say of a file that it sends: which, and what only its recorder knows. */
export interface Claim {
  url: string
  /** Seconds. */
  duration: number | null
  /** Loudness over its length, 0 to 100. */
  waveform: number[] | null
}

/** @throws ValidationError for what is no list of what upload_chat_file answers, or names a file twice */
export function readClaims(given: readonly object[]): Claim[] {
  if (given.length > MOST_FILES)
    throw new ValidationError(
      `A message holds at most ${String(MOST_FILES)} files. Send the rest in another one.`,
    )
  const claims = given.map(readClaim)
  if (new Set(claims.map(({ url }) => url)).size < claims.length)
    throw new ValidationError('A file is attached once to a message.')
  return claims
}

function readClaim(given: object): Claim {
  const url: unknown = Reflect.get(given, 'file_url')
  if (typeof url !== 'string' || url === '' || url.length > LONGEST_URL)
    throw new ValidationError('Each attachment is what upload_chat_file answered: "file_url" names the file.')
  return {
    url,
    duration: readDuration(Reflect.get(given, 'duration')),
    waveform: readWaveform(Reflect.get(given, 'waveform')),
  }
}

function readDuration(value: unknown): number | null {
  if (value === undefined || value === null || value === '') return null
  const duration = typeof value === 'string' ? Number(value) : value
  if (typeof duration !== 'number' || !Number.isFinite(duration))
    throw new ValidationError('The duration of a recording is a number of seconds.')
  return duration > 0 ? Math.round(Math.min(duration, MOST_SECONDS) * 1000) / 1000 : null
}

function readWaveform(value: unknown): number[] | null {
  if (value === undefined || value === null || value === '') return null
  const bars: unknown = typeof value === 'string' ? parse(value) : value
  if (!Array.isArray(bars) || bars.length > MOST_BARS || !bars.every(isNumber))
    throw new ValidationError(
      `The waveform of a recording is a list of at most ${String(MOST_BARS)} numbers from 0 to 100.`,
    )
  return bars.length === 0 ? null : bars.map((bar) => Math.round(Math.min(Math.max(bar, 0), 100)))
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
