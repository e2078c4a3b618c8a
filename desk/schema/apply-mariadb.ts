import type { Knex } from 'knex'
import { columnSql, filler, indexPath, quoteName, quoteNames } from './sql.ts'
import type { Change, ColumnSpec, IndexSpec, TableSpec } from './types.ts'

const kind = 'mariadb'

/** One CREATE or ALTER for all of a table's changes: InnoDB carries it out as a whole, or not at all. */
export async function applyToMariaDb(knex: Knex, table: string, changes: readonly Change[]): Promise<void> {
  for (const change of changes) {
    if (change.do === 'create table') await knex.raw(createTable(change.table))
    if (change.do === 'modify column') await fillNulls(knex, table, change.to)
  }
  const clauses = changes.flatMap((change) => clause(change))
  if (clauses.length > 0) await knex.raw(`ALTER TABLE ${quoteName(table)} ${clauses.join(', ')}`)
  const temporary = changes.flatMap((change) =>
    change.do === 'add column' && needsFiller(change.column) ? [change.column] : [],
  )
  for (const { name } of temporary) {
    await knex.raw(`ALTER TABLE ${quoteName(table)} ALTER COLUMN ${quoteName(name)} DROP DEFAULT`)
  }
}

function createTable({ name, columns, primaryKey, indexes }: TableSpec): string {
  const parts = [
    ...columns.map((column) => columnSql(kind, column)),
    `PRIMARY KEY (${quoteNames(primaryKey)})`,
    ...indexes.map((index) => indexSql(name, index)),
  ]
  return (
    `CREATE TABLE IF NOT EXISTS ${quoteName(name)} (${parts.join(', ')}) ` +
    'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci'
  )
}

const indexSql = (table: string, index: IndexSpec): string =>
  `${index.unique ? 'UNIQUE ' : ''}INDEX ${indexPath(kind, table, index)} (${quoteNames(index.columns)})`

function clause(change: Change): string[] {
  switch (change.do) {
    case 'create table':
      return []
    case 'add column':
      return [`ADD COLUMN IF NOT EXISTS ${addedColumn(change.column)}`]
    case 'modify column':
      return [`MODIFY COLUMN ${columnSql(kind, change.to)}`]
    case 'add index':
      return [`ADD ${indexSql(change.table, change.index)}`]
    case 'drop index':
      return [`DROP INDEX IF EXISTS ${indexPath(kind, change.table, change.index)}`]
  }
}

/**
 * Rows that exist get something in a column which must not be null. MariaDB would give them a zero date, which
 * strict mode then refuses: so the column has a default for as long as it is being added.
 */
function addedColumn(column: ColumnSpec): string {
  const fallback = needsFiller(column) ? ` DEFAULT ${filler(kind, column)}` : ''
  return columnSql(kind, column) + fallback
}

const needsFiller = (column: ColumnSpec): boolean => !column.nullable && column.default === null

async function fillNulls(knex: Knex, table: string, column: ColumnSpec): Promise<void> {
  if (column.nullable) return
  const name = quoteName(column.name)
  await knex.raw(`UPDATE ${quoteName(table)} SET ${name} = ${filler(kind, column)} WHERE ${name} IS NULL`)
}
