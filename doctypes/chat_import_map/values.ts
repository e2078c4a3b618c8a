/** A row of the source: columns that an older version did not have are missing. */
export type SourceRow = Readonly<Record<string, unknown>>

/** Text as it is; '' where there is none. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : ''
}

/** A whole number, whatever the column's type; undefined where there is none. */
export function wholeOf(value: unknown): number | undefined {
  if (value === null || value === undefined || value === '') return undefined
  const number = Number(textOf(value))
  return Number.isFinite(number) ? Math.trunc(number) : undefined
}

/** A Check: `int(1)`, `tinyint(4)` or text. */
export function flagOf(value: unknown, otherwise: 0 | 1 = 0): 0 | 1 {
  const number = wholeOf(value)
  return number === undefined ? otherwise : number === 0 ? 0 : 1
}

const DATETIME = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/

/** A time as a site stores it, with six digits of microseconds; null for `0000-00-00` and other days that never were. */
export function timeOf(value: unknown): string | null {
  const found = DATETIME.exec(textOf(value))
  if (!found) return null
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = ''] = found
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  const isDay =
    Number(year) >= 1000 && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  return `${year}-${month}-${day} ${hour}:${minute}:${second}.${fraction.padEnd(6, '0')}`
}

/** One of these words, as they are spelled here; undefined for any other. */
export function wordOf<Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  const text = textOf(value).trim().toLowerCase()
  return words.find((word) => word.toLowerCase() === text)
}

/** At most so many characters, without half of one at the end. */
export function cutTo(text: string, most: number): string {
  return text.length <= most ? text : Array.from(text).slice(0, most).join('')
}

const parsed = (time: string): number => Date.parse(`${time.slice(0, 23).replace(' ', 'T')}Z`)

/** Seconds from one time to another, 0 where the second is the earlier one. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((parsed(to) - parsed(from)) / 1000))
}

/** A time so many seconds later. */
export function secondsAfter(time: string, seconds: number): string {
  const later = new Date(parsed(time) + seconds * 1000).toISOString()
  return `${later.slice(0, 10)} ${later.slice(11, 23)}${time.slice(23)}`
}
