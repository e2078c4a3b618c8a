import type { ColumnSpec, DatabaseKind, IndexSpec } from './types.ts'

/** A name in backticks: both databases take them. */
export const quoteName = (name: string): string => `\`${name.replaceAll('`', '``')}\``

export const quoteNames = (names: readonly string[]): string => names.map(quoteName).join(', ')

/** A text literal. MariaDB reads backslashes in it, SQLite does not. */
export function quoteText(kind: DatabaseKind, text: string): string {
  const escaped = kind === 'mariadb' ? text.replaceAll('\\', '\\\\') : text
  return `'${escaped.replaceAll("'", "''")}'`
}

/**
 * A column as CREATE TABLE and ALTER TABLE take it.
 *
 * SQLite declares MariaDB's type texts: it reads from them only an affinity (INTEGER, NUMERIC, TEXT) and gives
 * them back word for word. `json` would be NUMERIC there and turn the document `12.0` into a number: longtext.
 *
 * Text compares as NOCASE, the nearest that SQLite has to MariaDB's utf8mb4_unicode_ci. What differs: NOCASE
 * folds only A–Z (`É` and `é` differ, as do `é` and `e`), sorts by code point, and sees trailing spaces.
 */
export function columnSql(kind: DatabaseKind, column: ColumnSpec): string {
  const type = kind === 'sqlite' && column.type === 'json' ? 'longtext' : column.type
  const collation = kind === 'sqlite' && isText(type) ? ' COLLATE NOCASE' : ''
  const nullability = column.nullable ? '' : ' NOT NULL'
  const fallback = column.default === null ? '' : ` DEFAULT ${literal(kind, column.type, column.default)}`
  return `${quoteName(column.name)} ${type}${collation}${nullability}${fallback}`
}

/** A value as a literal fit for a column of this type. */
export function literal(kind: DatabaseKind, type: string, text: string): string {
  const bare = /^(tinyint|int|bigint|decimal)/.test(type) && /^-?[\d.]+$/.test(text)
  return bare ? text : quoteText(kind, text)
}

/** What rows get that have no value for a column which must have one. */
export function filler(kind: DatabaseKind, column: ColumnSpec): string {
  return literal(kind, column.type, column.default ?? emptyValue(column.type))
}

function emptyValue(type: string): string {
  if (/^(tinyint|int|bigint|decimal)/.test(type)) return '0'
  if (type === 'date') return '1970-01-01'
  if (type.startsWith('datetime')) return '1970-01-01 00:00:00.000000'
  if (type.startsWith('time')) return '00:00:00.000000'
  return type === 'json' ? 'null' : ''
}

/** Characters (text: bytes) that a text type holds; undefined for other types. */
export function capacity(type: string): number | undefined {
  const length = /^varchar\((\d+)\)$/.exec(type)?.[1]
  if (length !== undefined) return Number(length)
  if (type === 'text') return 65_535
  return isText(type) ? Infinity : undefined
}

const isText = (type: string): boolean => /^(varchar|char|text|longtext|json)/.test(type)

/** SQLite keeps the indexes of all tables under one set of names. */
export const indexPath = (kind: DatabaseKind, table: string, index: IndexSpec): string =>
  quoteName(kind === 'sqlite' ? `${table}.${index.name}` : index.name)
