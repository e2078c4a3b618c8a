import { formatDateTime, parseSiteTime } from '../../client/time.ts'
import { kindOf } from './fields.ts'
import type { DocField } from './meta.ts'
import { plain } from './plain.ts'

export interface FormatOptions {
  locale: string
  /** The zone that stored times are in; they are shown in the viewer's. */
  timeZone: string
}

/** A value as people read it. Empty text when there is nothing to show. */
export function formatValue(field: DocField, value: unknown, { locale, timeZone }: FormatOptions): string {
  if (value === null || value === undefined || value === '') return ''
  switch (kindOf(field)) {
    case 'integer':
      return field.fieldtype === 'Duration' ? formatDuration(Number(value)) : number(value, locale, 0)
    case 'decimal':
      return formatDecimal(field, value, locale)
    case 'check':
      return Number(value) ? 'Yes' : 'No'
    case 'date': {
      // A date has no zone: it is read and written as the same day everywhere.
      const day = parseSiteTime(plain(value).slice(0, 10), 'UTC')
      return valid(day, value, () =>
        new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(day),
      )
    }
    case 'time':
      return plain(value).split('.', 1)[0]?.padStart(8, '0').slice(0, 5) ?? ''
    case 'datetime': {
      const instant = parseSiteTime(plain(value), timeZone)
      return valid(instant, value, () => formatDateTime(instant, locale))
    }
    case 'password':
      return '••••••••'
    default:
      return plain(value)
  }
}

function formatDecimal(field: DocField, value: unknown, locale: string): string {
  const precision = Number(field.precision)
  const places = Number.isInteger(precision) && precision > 0 ? precision : undefined
  if (field.fieldtype === 'Currency') return number(value, locale, places ?? 2, places ?? 2)
  if (field.fieldtype === 'Percent') return `${number(value, locale, 0, places ?? 2)}%`
  return number(value, locale, places ?? 0, places ?? 3)
}

function number(value: unknown, locale: string, least: number, most = least): string {
  const figure = Number(value)
  if (!Number.isFinite(figure)) return plain(value)
  return new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: most }).format(
    figure,
  )
}

/** Seconds as "1d 2h 3m 4s", without the parts that are zero. */
function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return ''
  const units: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'm'],
    [1, 's'],
  ]
  let rest = Math.abs(Math.trunc(seconds))
  const parts: string[] = []
  for (const [size, unit] of units) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)}${unit}`)
    rest %= size
  }
  return `${seconds < 0 ? '−' : ''}${parts.join(' ') || '0s'}`
}

function valid(date: Date, value: unknown, format: () => string): string {
  return Number.isNaN(date.getTime()) ? plain(value) : format()
}
