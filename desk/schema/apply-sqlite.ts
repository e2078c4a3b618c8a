import type { Knex } from 'knex'
import { columnSql, filler, indexPath, quoteName, quoteNames } from './sql.ts'
import type { Change, ColumnSpec, IndexSpec, TableSpec } from './types.ts'

const kind = 'sqlite'

/** All of a table's changes in one transaction (a savepoint, inside another one). */
export async function applyToSqlite(
  knex: Knex,
  table: string,
  actual: TableSpec | null,
  changes: readonly Change[],
): Promise<void> {
  await knex.transaction(async (tx) => {
    for (const change of changes) {
      if (change.do === 'create table') await createTable(tx, change.table)
      if (change.do === 'drop index') await tx.raw(`DROP INDEX ${indexPath(kind, table, change.index)}`)
    }
    const columns = changes.filter((change) => change.do === 'add column' || change.do === 'modify column')
    if (actual && columns.some(needsRebuild)) await rebuild(tx, actual, columns)
    else await addColumns(tx, table, columns)
    for (const change of changes) {
      if (change.do === 'add index') await tx.raw(indexSql(table, change.index))
    }
  })
}

type ColumnChange = Extract<Change, { do: 'add column' | 'modify column' }>

/** SQLite adds columns, but neither changes one nor adds one that existing rows have no value for. */
const needsRebuild = (change: ColumnChange): boolean =>
  change.do === 'modify column' || (!change.column.nullable && change.column.default === null)

async function createTable(knex: Knex, table: TableSpec): Promise<void> {
  await knex.raw(tableSql(table.name, table.columns, table.primaryKey))
  for (const index of table.indexes) await knex.raw(indexSql(table.name, index))
}

function tableSql(name: string, columns: readonly ColumnSpec[], primaryKey: readonly string[]): string {
  const parts = [
    ...columns.map((column) => columnSql(kind, column)),
    `PRIMARY KEY (${quoteNames(primaryKey)})`,
  ]
  return `CREATE TABLE ${quoteName(name)} (${parts.join(', ')})`
}

const indexSql = (table: string, index: IndexSpec): string =>
  `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${indexPath(kind, table, index)} ` +
  `ON ${quoteName(table)} (${quoteNames(index.columns)})`

async function addColumns(knex: Knex, table: string, changes: readonly ColumnChange[]): Promise<void> {
  for (const change of changes) {
    if (change.do !== 'add column') continue
    await knex.raw(`ALTER TABLE ${quoteName(table)} ADD COLUMN ${columnSql(kind, change.column)}`)
  }
}

/** Makes the table anew with the changed columns, and moves rows, indexes and triggers over. */
async function rebuild(knex: Knex, actual: TableSpec, changes: readonly ColumnChange[]): Promise<void> {
  const table = actual.name
  const next = `${table}~next`
  const modified = new Map(
    changes.flatMap((change) =>
      change.do === 'modify column' ? [[change.from.name.toLowerCase(), change.to] as const] : [],
    ),
  )
  const added = changes.flatMap((change) => (change.do === 'add column' ? [change.column] : []))
  const kept = actual.columns.map((from) => ({ from, to: modified.get(from.name.toLowerCase()) ?? from }))
  const columns = [...kept.map(({ to }) => to), ...added]
  const values = [...kept.map(({ from, to }) => keptValue(from, to)), ...added.map(addedValue)]
  const attached = await attachments(knex, table)
  await knex.raw(tableSql(next, columns, actual.primaryKey))
  await knex.raw(
    `INSERT INTO ${quoteName(next)} (rowid, ${quoteNames(columns.map(({ name }) => name))}) ` +
      `SELECT rowid, ${values.join(', ')} FROM ${quoteName(table)}`,
  )
  await knex.raw(`DROP TABLE ${quoteName(table)}`)
  await knex.raw(`ALTER TABLE ${quoteName(next)} RENAME TO ${quoteName(table)}`)
  for (const sql of attached) await knex.raw(sql)
}

const keptValue = (from: ColumnSpec, to: ColumnSpec): string =>
  to.nullable ? quoteName(from.name) : `coalesce(${quoteName(from.name)}, ${filler(kind, to)})`

const addedValue = (column: ColumnSpec): string =>
  column.nullable && column.default === null ? 'NULL' : filler(kind, column)

/** The statements that made the table's indexes and triggers. */
async function attachments(knex: Knex, table: string): Promise<string[]> {
  const rows = await knex('sqlite_master')
    .where('tbl_name', table)
    .whereIn('type', ['index', 'trigger'])
    .whereNotNull('sql')
    .select<{ sql: string }[]>('sql')
  return rows.map(({ sql }) => sql)
}
