import { kindOf } from './fields.ts'
import type { DocField } from './meta.ts'
import { plain } from './plain.ts'

export type Parsed = { value: string | number | null } | { problem: string }

/** The mark between whole and fraction that people of a language write. */
export function decimalMark(locale: string): '.' | ',' {
  const part = new Intl.NumberFormat(locale).formatToParts(1.5).find(({ type }) => type === 'decimal')
  return part?.value === ',' ? ',' : '.'
}

/** A field's value as the text of its input. Times stay in the site's zone, as they are stored. */
export function inputText(field: DocField, value: unknown, mark: '.' | ',' = '.'): string {
  if (value === null || value === undefined) return ''
  switch (kindOf(field)) {
    case 'decimal':
      return plainNumber(Number(value), field.fieldtype === 'Currency' ? 2 : 0).replace('.', mark)
    case 'date':
      return plain(value).slice(0, 10)
    case 'time':
      return plain(value).split('.', 1)[0]?.padStart(8, '0') ?? ''
    case 'datetime':
      return plain(value).replace(' ', 'T').split('.', 1)[0] ?? ''
    case 'json':
      return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
    case 'password':
      return ''
    default:
      return plain(value)
  }
}

/** What an input's text means for its field, or what is wrong with it. Empty text is null; 0 for numbers, which are never null. */
export function parseInput(field: DocField, text: string, mark: '.' | ',' = '.'): Parsed {
  const trimmed = text.trim()
  const kind = kindOf(field)
  if (trimmed === '') return { value: kind === 'integer' || kind === 'decimal' ? 0 : null }
  switch (kind) {
    case 'integer': {
      const number = parseNumber(trimmed, mark)
      return Number.isSafeInteger(number) ? { value: number } : { problem: 'Enter a whole number.' }
    }
    case 'decimal': {
      const number = parseNumber(trimmed, mark)
      return Number.isFinite(number) ? { value: number } : { problem: `Enter a number, such as 12${mark}5.` }
    }
    case 'time':
      return { value: withSeconds(trimmed) }
    case 'datetime': {
      const [date = '', time = '00:00'] = trimmed.split('T')
      return { value: `${date} ${withSeconds(time)}` }
    }
    case 'json':
      return parseJson(trimmed)
    case 'multiline':
    case 'code':
      return { value: text }
    default:
      return { value: trimmed }
  }
}

/** Whether a mandatory field still needs a value. Zero and "off" are values. */
export function isMissing(field: DocField, value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'string' && value.trim() === '' && kindOf(field) !== 'check'
}

function parseNumber(text: string, mark: '.' | ','): number {
  const other = mark === ',' ? '.' : ','
  const plain = text
    .replace(/[\s'’\u00a0\u202f]/g, '')
    .replaceAll(other, '')
    .replace(mark, '.')
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : Number.NaN
}

/** No exponent, no noise beyond the nine places that the database keeps, and not fewer than `least` places. */
function plainNumber(number: number, least: number): string {
  if (!Number.isFinite(number)) return ''
  const fixed = number.toFixed(9)
  let end = fixed.length
  const shortest = end - 9 + least
  while (end > shortest && fixed[end - 1] === '0') end--
  return fixed.slice(0, least === 0 && fixed[end - 1] === '.' ? end - 1 : end)
}

function withSeconds(time: string): string {
  const [hours = '00', minutes = '00', seconds = '00'] = (time.split('.', 1)[0] ?? '').split(':')
  return [hours, minutes, seconds].map((part) => part.padStart(2, '0')).join(':')
}

function parseJson(text: string): Parsed {
  try {
    JSON.parse(text)
    return { value: text }
  } catch {
    return { problem: 'This is not valid JSON.' }
  }
}
