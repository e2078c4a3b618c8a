import type { DocField } from '../meta/doctype.ts'
import { columnType } from '../meta/fieldtypes.ts'
import { CharacterLengthExceededError, ValidationError } from '../errors.ts'

const INTEGER = /^[+-]?\d+$/
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
/** A date may come with a time of day, which it drops. */
const DATED = /^(\d{4}-\d{2}-\d{2})(?:[ T][\d:.]*)?$/
const TIME = /^(\d{1,3}):([0-5]\d)(?::([0-5]\d)(\.\d{1,6})?)?$/

/**
 * A value in the form that its column takes. Text that says the same is accepted ("1" for a Check), null and the
 * empty text are null; what cannot be meant is refused.
 * @throws ValidationError, CharacterLengthExceededError
 */
export function castValue(field: DocField, value: unknown): unknown {
  const label = field.label ?? field.fieldname
  const refuse = (wanted: string): never => {
    throw new ValidationError(`${label} must be ${wanted}.`)
  }
  if (value === undefined || value === null) return null
  if (field.fieldtype === 'JSON') return castJson(value) ?? refuse('JSON')
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return refuse('a single value')
  switch (field.fieldtype) {
    case 'Check':
      if (value === true || value === 1 || value === '1' || value === 'true') return 1
      if (value === false || value === 0 || value === '0' || value === '' || value === 'false') return 0
      return refuse('0 or 1')
    case 'Int':
    case 'Long Int': {
      if (value === '') return null
      const number = typeof value === 'string' && INTEGER.test(value.trim()) ? Number(value) : value
      if (!Number.isSafeInteger(number)) return refuse('a whole number')
      return columnType(field) === 'bigint' || isInt32(Number(number))
        ? number
        : refuse('between -2147483648 and 2147483647')
    }
    case 'Float':
    case 'Currency':
    case 'Percent':
    case 'Duration':
    case 'Rating': {
      if (value === '') return null
      const number = typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : value
      return castDecimal(field, Number.isFinite(number) ? Number(number) : refuse('a number'), refuse)
    }
    case 'Date':
      return value === ''
        ? null
        : (castDate(DATED.exec(String(value).trim())?.[1] ?? '') ?? refuse('a date like 2026-01-31'))
    case 'Datetime':
      return value === '' ? null : (castDatetime(String(value)) ?? refuse('a time like 2026-01-31 18:30:00'))
    case 'Time':
      return value === '' ? null : (castTime(String(value)) ?? refuse('a time of day like 18:30:00'))
    case 'Select':
      return castText(field, castSelect(field, String(value)), label)
    default:
      return castText(field, String(value), label)
  }
}

const isInt32 = (number: number): boolean => number === (number | 0)

/** As decimal(21,9) and decimal(3,2) keep it, so that both databases hold the same. */
function castDecimal(field: DocField, number: number, refuse: (wanted: string) => never): number {
  const [whole, fraction] = field.fieldtype === 'Rating' ? [1, 2] : [12, 9]
  const kept = Number(number.toFixed(fraction))
  return Math.abs(kept) < 10 ** whole ? kept : refuse(`below 1${'0'.repeat(whole)}`)
}

function castDate(text: string): string | null {
  const [, year, month, day] = DATE.exec(text) ?? []
  if (!year) return null
  const date = new Date(`${text}T00:00:00Z`)
  return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day) ? text : null
}

function castTime(text: string): string | null {
  const [, hours, minutes, seconds = '00', fraction = ''] = TIME.exec(text.trim()) ?? []
  if (!hours || Number(hours) > 838) return null
  return `${hours.padStart(2, '0')}:${minutes}:${seconds}.${fraction.slice(1).padEnd(6, '0')}`
}

function castDatetime(text: string): string | null {
  const [date = '', time = '00:00:00', ...more] = text.trim().replace('T', ' ').split(' ')
  const castedTime = more.length === 0 ? castTime(time) : null
  return castDate(date) && castedTime && castedTime < '24' ? `${date} ${castedTime}` : null
}

function castJson(value: unknown): string | null {
  if (typeof value !== 'string') return JSON.stringify(value)
  try {
    JSON.parse(value)
    return value
  } catch {
    return value === '' ? 'null' : null
  }
}

function castSelect(field: DocField, value: string): string | null {
  const choices = (field.options ?? '').split('\n').map((choice) => choice.trim())
  if (value === '') return null
  if (field.options && !choices.includes(value)) {
    throw new ValidationError(
      `${field.label ?? field.fieldname} cannot be "${value.slice(0, 80)}". It should be one of ${choices
        .filter(Boolean)
        .map((choice) => `"${choice}"`)
        .join(', ')}.`,
    )
  }
  return value
}

/** As MariaDB counts a varchar: code points. */
function lengthInCharacters(text: string): number {
  return Array.from(text).length
}

const TEXT_BYTES = 65_535

function castText(field: DocField, value: string | null, label: string): string | null {
  if (value === null) return null
  // SQLite would end the text at a NUL.
  const clean = value.toWellFormed().replaceAll('\0', '')
  const limit = textLimit(field)
  if (limit !== null && lengthInCharacters(clean) > limit) {
    throw new CharacterLengthExceededError(
      `${label} is too long: at most ${String(limit)} characters are allowed.`,
    )
  }
  if (limit === null && SHORT_TEXTS.has(field.fieldtype) && Buffer.byteLength(clean) > TEXT_BYTES) {
    throw new CharacterLengthExceededError(
      `${label} is too long: at most ${String(TEXT_BYTES)} bytes are allowed.`,
    )
  }
  // Of several documents without a value, none holds the unique one.
  return clean === '' && (field.unique === 1 || field.fieldtype.endsWith('Link')) ? null : clean
}

const SHORT_TEXTS = new Set(['Small Text', 'Text', 'Password', 'Attach', 'Attach Image'])
const VARCHARS = new Set([
  'Data',
  'Select',
  'Link',
  'Dynamic Link',
  'Read Only',
  'Color',
  'Icon',
  'Phone',
  'Autocomplete',
])

/** Characters that the column holds; null for text columns. */
function textLimit(field: DocField): number | null {
  return VARCHARS.has(field.fieldtype) ? (field.length ?? 0) || 140 : null
}
