import type { Knex } from 'knex'
import type { ColumnSpec, DatabaseKind, IndexSpec, TableSpec } from './types.ts'

/** The table as the database has it, in the words of `TableSpec`; null when there is none. */
export async function introspect(knex: Knex, kind: DatabaseKind, table: string): Promise<TableSpec | null> {
  return (await read(knex, kind, table)).get(table) ?? null
}

/** Every table of the database, by name: two statements, however many there are. */
export function introspectAll(knex: Knex, kind: DatabaseKind): Promise<ReadonlyMap<string, TableSpec>> {
  return read(knex, kind, null)
}

async function read(
  knex: Knex,
  kind: DatabaseKind,
  table: string | null,
): Promise<ReadonlyMap<string, TableSpec>> {
  const { columns, indexes } = await (kind === 'mariadb' ? readMariaDb(knex, table) : readSqlite(knex, table))
  const indexesOf = groupBy(indexes)
  return new Map(
    [...groupBy(columns)].map(([name, rows]) => [
      name,
      tableSpec(kind, name, rows, indexesOf.get(name) ?? []),
    ]),
  )
}

interface ColumnRow {
  table_name: string
  name: string
  type: string
  nullable: number
  fallback: string | null
  /** Place in the primary key, from 1; 0 for none. */
  key_place: number
}

interface IndexRow {
  table_name: string
  index_name: string
  column_name: string
  non_unique: number
}

interface Found {
  columns: ColumnRow[]
  indexes: IndexRow[]
}

function groupBy<T extends { table_name: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(row.table_name)
    if (group) group.push(row)
    else groups.set(row.table_name, [row])
  }
  return groups
}

function tableSpec(
  kind: DatabaseKind,
  name: string,
  columns: readonly ColumnRow[],
  indexRows: readonly IndexRow[],
): TableSpec {
  const indexes = groupIndexes(indexRows)
  return {
    name,
    columns: columns.map((row) => column(kind, row.name, row.type, row.nullable === 1, row.fallback)),
    primaryKey:
      indexes.find((found) => found.name === 'PRIMARY')?.columns ??
      columns
        .filter(({ key_place }) => key_place > 0)
        .toSorted((a, b) => a.key_place - b.key_place)
        .map((row) => row.name),
    indexes: indexes
      .filter((found) => found.name !== 'PRIMARY')
      .map((found) => (kind === 'sqlite' ? { ...found, name: withoutTable(name, found.name) } : found)),
  }
}

/** SQLite keeps the indexes of all tables under one set of names. */
function withoutTable(table: string, index: string): string {
  return index.startsWith(`${table}.`) ? index.slice(table.length + 1) : index
}

async function readMariaDb(knex: Knex, table: string | null): Promise<Found> {
  const one = (query: Knex.QueryBuilder): void => {
    void query.whereRaw('table_schema = database()')
    if (table !== null) void query.where('table_name', table)
  }
  const columns = await knex('information_schema.columns')
    .modify(one)
    .orderBy(['table_name', 'ordinal_position'])
    .select<ColumnRow[]>(
      knex.raw(
        `table_name as table_name, column_name as name, column_type as type, is_nullable = 'YES' as nullable,
         column_default as fallback, 0 as key_place`,
      ),
    )
  const indexes = await knex('information_schema.statistics')
    .modify(one)
    .orderBy(['table_name', 'index_name', 'seq_in_index'])
    .select<IndexRow[]>(
      knex.raw(
        `table_name as table_name, index_name as index_name, column_name as column_name,
         non_unique as non_unique`,
      ),
    )
  return { columns, indexes }
}

async function readSqlite(knex: Knex, table: string | null): Promise<Found> {
  const one = table === null ? '' : 'and list.name = ?'
  const bindings = table === null ? [] : [table]
  const columns: ColumnRow[] = await knex.raw(
    `select list.name as table_name, part.name as name, part.type as type, 1 - part."notnull" as nullable,
       part.dflt_value as fallback, part.pk as key_place
     from sqlite_master as list, pragma_table_info(list.name) as part
     where list.type = 'table' ${one} order by list.name, part.cid`,
    bindings,
  )
  const indexes: IndexRow[] = await knex.raw(
    `select list.name as table_name, found.name as index_name, part.name as column_name,
       1 - found."unique" as non_unique
     from sqlite_master as list, pragma_index_list(list.name) as found, pragma_index_info(found.name) as part
     where list.type = 'table' and found.origin <> 'pk' ${one}
     order by list.name, found.name, part.seqno`,
    bindings,
  )
  return { columns, indexes }
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
