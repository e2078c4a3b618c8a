import type { DocField } from './doctype.ts'
import { columnType, findFieldtype, isComputedDefault } from './fieldtypes.ts'

/**
 * A default as its column holds it, where Frappe's files say it in short: `1.0` for an Int, `1,000`
 * for a Float, `9:00` for a Time.
 */
export function spelledOut(given: string, { fieldtype }: DocField): string {
  const value = given.trim()
  switch (findFieldtype(fieldtype)?.value) {
    case 'check':
    case 'integer':
      return value.replace(/^(-?\d+)\.0*$/, '$1')
    case 'decimal':
      return /^-?\d{1,3}(,\d{3})+(\.\d*)?$/.test(value) ? value.replaceAll(',', '') : value
    case 'datetime': {
      const [, date, time = ' 00:00', seconds = ':00'] =
        /^(\d{4}-\d\d-\d\d)( \d\d:\d\d)?(:\d\d)?$/.exec(value) ?? []
      return date === undefined ? given : date + time + seconds
    }
    case 'time': {
      const [, hours, minutes, seconds = ':00'] = /^(\d{1,2})(:\d\d)(:\d\d)?$/.exec(value) ?? []
      return hours === undefined ? given : `${hours.padStart(2, '0')}${minutes}${seconds}`
    }
    default:
      return given
  }
}

const defaultForms: Readonly<Record<string, readonly [RegExp, string]>> = {
  check: [/^[01]$/, '0 or 1'],
  integer: [/^-?\d+$/, 'a whole number'],
  decimal: [/^-?(\d+\.?\d*|\.\d+)$/, 'a number'],
  date: [/^\d{4}-\d\d-\d\d$/, 'YYYY-MM-DD or Today'],
  datetime: [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$/, 'YYYY-MM-DD HH:MM:SS or Now'],
  time: [/^\d\d:\d\d:\d\d(\.\d{1,6})?$/, 'HH:MM:SS or Now'],
}

/** What is wrong with the default of a field: a form that its fieldtype cannot hold, or too long a text. */
export function defaultProblems(field: DocField): string[] {
  const value = field.default ?? ''
  if (value === '' || isComputedDefault(value)) return []
  const form = defaultForms[findFieldtype(field.fieldtype)?.value ?? '']
  if (form) return form[0].test(value) ? [] : [`default ${show(value)}: ${form[1]}`]
  const room = /^varchar\((\d+)\)$/.exec(columnType(field) ?? '')?.[1]
  return room && value.length > Number(room) ? [`default is longer than the field's ${room} characters`] : []
}

const show = (value: string): string => JSON.stringify(value)
