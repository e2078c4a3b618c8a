import type { Knex } from 'knex'
import type { ColumnSpec, DatabaseKind, IndexSpec, TableSpec } from './types.ts'

/** The table as the database has it, in the words of `TableSpec`; null when there is none. */
export async function introspect(knex: Knex, kind: DatabaseKind, table: string): Promise<TableSpec | null> {
  const found = kind === 'mariadb' ? await readMariaDb(knex, table) : await readSqlite(knex, table)
  return found.columns.length === 0 ? null : { name: table, ...found }
}

type Found = Omit<TableSpec, 'name'>

interface ColumnRow {
  name: string
  type: string
  nullable: string
  fallback: string | null
}

interface IndexRow {
  index_name: string
  column_name: string
  non_unique: number
}

async function readMariaDb(knex: Knex, table: string): Promise<Found> {
  const columns = await knex('information_schema.columns')
    .whereRaw('table_schema = database()')
    .where('table_name', table)
    .orderBy('ordinal_position')
    .select<ColumnRow[]>(
      knex.raw(
        'column_name as name, column_type as type, is_nullable as nullable, column_default as fallback',
      ),
    )
  const rows = await knex('information_schema.statistics')
    .whereRaw('table_schema = database()')
    .where('table_name', table)
    .orderBy(['index_name', 'seq_in_index'])
    .select<IndexRow[]>(
      knex.raw('index_name as index_name, column_name as column_name, non_unique as non_unique'),
    )
  const indexes = groupIndexes(rows)
  return {
    columns: columns.map(({ name, type, nullable, fallback }) =>
      column('mariadb', name, type, nullable === 'YES', fallback),
    ),
    primaryKey: indexes.find(({ name }) => name === 'PRIMARY')?.columns ?? [],
    indexes: indexes.filter(({ name }) => name !== 'PRIMARY'),
  }
}

interface SqliteColumnRow {
  name: string
  type: string
  notnull: number
  dflt_value: string | null
  pk: number
}

async function readSqlite(knex: Knex, table: string): Promise<Found> {
  const columns: SqliteColumnRow[] = await knex.raw('select * from pragma_table_info(?) order by cid', [
    table,
  ])
  const rows: IndexRow[] = await knex.raw(
    `select list.name as index_name, part.name as column_name, 1 - list."unique" as non_unique
     from pragma_index_list(?) as list, pragma_index_info(list.name) as part
     where list.origin <> 'pk' order by list.name, part.seqno`,
    [table],
  )
  const prefix = `${table}.`
  return {
    columns: columns.map(({ name, type, notnull, dflt_value }) =>
      column('sqlite', name, type, notnull === 0, dflt_value),
    ),
    primaryKey: columns
      .filter(({ pk }) => pk > 0)
      .toSorted((a, b) => a.pk - b.pk)
      .map(({ name }) => name),
    indexes: groupIndexes(rows).map((found) => ({
      ...found,
      name: found.name.startsWith(prefix) ? found.name.slice(prefix.length) : found.name,
    })),
  }
}

function groupIndexes(rows: readonly IndexRow[]): IndexSpec[] {
  const groups = new Map<string, { name: string; columns: string[]; unique: boolean }>()
  for (const { index_name: name, column_name, non_unique } of rows) {
    const group = groups.get(name) ?? { name, columns: [], unique: non_unique === 0 }
    group.columns.push(column_name)
    groups.set(name, group)
  }
  return [...groups.values()]
}

function column(
  kind: DatabaseKind,
  name: string,
  type: string,
  nullable: boolean,
  fallback: string | null,
): ColumnSpec {
  const spelt = canonicalType(type)
  return { name, type: spelt, nullable, default: canonicalDefault(kind, fallback, spelt) }
}

/** Display widths say nothing about what an integer holds, and servers differ in showing them. */
function canonicalType(type: string): string {
  return type.toLowerCase().replace(/^(tinyint|smallint|mediumint|int|bigint)\(\d+\)/, '$1')
}

/** Both catalogues give the default as an SQL literal. */
function canonicalDefault(kind: DatabaseKind, literal: string | null, type: string): string | null {
  if (literal === null || literal.toUpperCase() === 'NULL') return null
  const quoted = /^'(.*)'$/s.exec(literal)?.[1]?.replaceAll("''", "'")
  const text = (kind === 'mariadb' ? quoted?.replaceAll(/\\(.)/gs, unescape) : quoted) ?? literal
  const isNumber = /^(tinyint|smallint|mediumint|int|bigint|decimal)/.test(type) && text.trim() !== ''
  return isNumber && Number.isFinite(Number(text)) ? String(Number(text)) : text
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', 0: '\0', Z: '\x1a' }

const unescape = (_: string, letter: string): string => escapes[letter] ?? letter
