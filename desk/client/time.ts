import { __ } from './translate.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const SITE_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?$/

const formats = new Map<string, Intl.DateTimeFormat>()

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options)
  let found = formats.get(key)
  if (!found) {
    try {
      found = new Intl.DateTimeFormat(locale, options)
    } catch {
      found = new Intl.DateTimeFormat('en', { ...options, ...(options.timeZone && { timeZone: 'UTC' }) })
    }
    formats.set(key, found)
  }
  return found
}

/** How far a zone's clocks are ahead of UTC at an instant, in ms. An unknown zone counts as UTC. */
function zoneOffset(instant: number, timeZone: string): number {
  const parts: Record<string, number> = {}
  const clock = format('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  for (const { type, value } of clock.formatToParts(instant)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000
}

/**
 * A time on the wire, `YYYY-MM-DD[ HH:MM:SS[.ffffff]]` in the site's zone, as an instant (milliseconds; finer
 * digits are cut). A time that the clocks skipped counts as if they had not been moved yet, one that they showed
 * twice is the first of the two. Invalid Date for other text.
 */
export function parseSiteTime(text: string, timeZone: string): Date {
  const match = SITE_TIME.exec(text)
  if (!match) return new Date(NaN)
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((digits: string | undefined) => Number(digits ?? 0))
  const local = Date.UTC(
    year,
    month - 1,
    day,
    hour,
    minute,
    second,
    Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)),
  )
  const before = zoneOffset(local - DAY_MS, timeZone)
  const after = zoneOffset(local + DAY_MS, timeZone)
  const earlier = local - before
  const later = local - after
  const moved = zoneOffset(earlier, timeZone) !== before && zoneOffset(later, timeZone) === after
  return new Date(moved ? later : earlier)
}

/** The viewer's calendar day of an instant, as whole days since 1970, for comparing days. */
function localDay(date: Date): number {
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS)
}

/** Whether two instants fall on one calendar day of the viewer. */
export const isSameDay = (a: Date, b: Date): boolean => localDay(a) === localDay(b)

/** The clock time in the viewer's zone and language: `14:03`. */
export function formatTime(date: Date, locale: string): string {
  return format(locale, { hour: '2-digit', minute: '2-digit' }).format(date)
}

/** A day as a heading: Today, Yesterday, the weekday within a week, else the date (with the year if another). */
export function formatDay(date: Date, now: Date, locale: string): string {
  const days = localDay(now) - localDay(date)
  if (days === 0) return __('Today')
  if (days === 1) return __('Yesterday')
  if (days > 1 && days < 7) return format(locale, { weekday: 'long' }).format(date)
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const }
  return format(locale, { day: 'numeric', month: 'long', ...year }).format(date)
}

/** How long ago, as short as a list needs: now, a time of today, Yesterday, a weekday, a date. */
export function formatShort(date: Date, now: Date, locale: string): string {
  const age = now.getTime() - date.getTime()
  if (age >= 0 && age < MINUTE_MS) return __('now')
  const days = localDay(now) - localDay(date)
  if (days === 0) return formatTime(date, locale)
  if (days === 1) return __('Yesterday')
  if (days > 1 && days < 7) return format(locale, { weekday: 'short' }).format(date)
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: '2-digit' as const }
  return format(locale, { day: 'numeric', month: 'short', ...year }).format(date)
}

/** Date and time in full, for tooltips and forms. */
export function formatDateTime(date: Date, locale: string): string {
  return format(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(date)
}
