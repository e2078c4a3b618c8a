import type { DocField } from './doctype.ts'

/** What a fieldtype holds: decides the column's default, the TypeScript type and how values are compared. */
export type ValueKind = 'text' | 'check' | 'integer' | 'decimal' | 'date' | 'datetime' | 'time' | 'json'

/** What desk knows about a fieldtype. */
export interface Fieldtype {
  /** The column as MariaDB spells it, without display width; null = the field has no column. */
  readonly column: string | null
  /** null for tables and layout. */
  readonly value: ValueKind | null
  /** The column is a varchar whose length the field may set (1–1000). */
  readonly sized?: true
  /** NOT NULL with default 0. */
  readonly zero?: true
  /** text and longtext: neither index nor unique. */
  readonly unindexed?: true
  /** `options` names a DocType (link, table), or the field that holds its name (dynamic). */
  readonly refers?: 'link' | 'dynamic' | 'table'
}

const name: Fieldtype = { column: 'varchar(140)', value: 'text', sized: true }
const text: Fieldtype = { column: 'text', value: 'text', unindexed: true }
const longtext: Fieldtype = { column: 'longtext', value: 'text', unindexed: true }
const amount: Fieldtype = { column: 'decimal(21,9)', value: 'decimal', zero: true }
const layout: Fieldtype = { column: null, value: null }
const table: Fieldtype = { column: null, value: null, refers: 'table' }

/** Every fieldtype of Frappe 15/16 and its column. */
const fieldtypes: ReadonlyMap<string, Fieldtype> = new Map(
  Object.entries({
    Data: name,
    Select: name,
    'Read Only': name,
    Color: name,
    Icon: name,
    Phone: name,
    Autocomplete: name,
    Link: { ...name, refers: 'link' },
    'Dynamic Link': { ...name, refers: 'dynamic' },
    Check: { column: 'tinyint', value: 'check', zero: true },
    Int: { column: 'int', value: 'integer', zero: true },
    'Long Int': { column: 'bigint', value: 'integer', zero: true },
    Float: amount,
    Currency: amount,
    Percent: amount,
    Duration: { column: 'decimal(21,9)', value: 'decimal' },
    Rating: { column: 'decimal(3,2)', value: 'decimal' },
    'Small Text': text,
    Text: text,
    Password: text,
    Attach: text,
    'Attach Image': text,
    'Long Text': longtext,
    Code: longtext,
    'Text Editor': longtext,
    'HTML Editor': longtext,
    'Markdown Editor': longtext,
    Signature: longtext,
    Barcode: longtext,
    Geolocation: longtext,
    JSON: { column: 'json', value: 'json', unindexed: true },
    Date: { column: 'date', value: 'date' },
    Datetime: { column: 'datetime(6)', value: 'datetime' },
    Time: { column: 'time(6)', value: 'time' },
    Table: table,
    'Table MultiSelect': table,
    'Section Break': layout,
    'Column Break': layout,
    'Tab Break': layout,
    Fold: layout,
    HTML: layout,
    Button: layout,
    Heading: layout,
    Image: layout,
  } satisfies Record<string, Fieldtype>),
)

export const fieldtypeNames: readonly string[] = [...fieldtypes.keys()]

/** The fieldtype of that name, or undefined when there is none. */
export function findFieldtype(fieldtype: string): Fieldtype | undefined {
  return fieldtypes.get(fieldtype)
}

/** The fieldtype of a field that `parseDocType` has accepted. */
export function fieldtypeOf(field: DocField): Fieldtype {
  const found = fieldtypes.get(field.fieldtype)
  if (!found) throw new Error(`Field ${field.fieldname} has the unknown fieldtype ${field.fieldtype}`)
  return found
}

/** The field's column type (`varchar(140)`, `bigint`, …); null when it has no column. */
export function columnType(field: DocField): string | null {
  const type = fieldtypeOf(field)
  if (field.is_virtual) return null
  if (type.sized && field.length) return `varchar(${field.length})`
  if (field.fieldtype === 'Int' && (field.length ?? 0) > 11) return 'bigint'
  return type.column
}

const computedDefaults = new Set(['_login', '__user', '_full name', 'today', '__today', 'now'])

/** The default is worked out when a document is made (`Today`, `:Company`), so SQL cannot hold it. */
export function isComputedDefault(value: string): boolean {
  return computedDefaults.has(value.trim().toLowerCase()) || value.startsWith(':')
}

/**
 * The field's default as SQL keeps it: the literal's text in the form in which a database gives it back
 * (numbers without trailing zeros, times with microseconds), or null for none.
 */
export function columnDefault(field: DocField): string | null {
  const type = fieldtypeOf(field)
  const given = field.default === undefined || field.default === '' ? null : field.default
  const fixed = given !== null && !isComputedDefault(given) ? given : null
  return literalDefault(type, fixed) ?? impliedDefault(field, type)
}

/** As in Frappe, what must have a value and has no default has the empty one; times have none. */
function impliedDefault({ not_nullable }: DocField, type: Fieldtype): string | null {
  if (type.zero) return '0'
  if (not_nullable !== 1) return null
  return type.value === 'text' ? '' : type.value === 'decimal' ? '0' : null
}

function literalDefault(type: Fieldtype, value: string | null): string | null {
  if (value === null) return null
  switch (type.value) {
    case 'check':
    case 'integer':
      return Number.isFinite(Number(value)) ? String(Math.trunc(Number(value))) : null
    case 'decimal':
      return Number.isFinite(Number(value)) ? String(Number(value)) : null
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(value) ? value : null
    case 'datetime':
      return withMicroseconds(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/.exec(value))
    case 'time':
      return withMicroseconds(/^(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/.exec(value))
    case 'json':
      return isJson(value) ? value : null
    default:
      return value
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const withMicroseconds = (match: RegExpExecArray | null): string | null =>
  match && `${match[1]}.${(match[2] ?? '').padEnd(6, '0')}`

/** NOT NULL: the numbers that default to 0, and every field with `not_nullable`. */
export function isNotNull(field: DocField): boolean {
  return Boolean(fieldtypeOf(field).zero ?? field.not_nullable)
}
