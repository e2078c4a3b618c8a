import type { Knex } from 'knex'
import type { Database } from '../db/database.ts'
import { DatabaseError, DuplicateKeyError } from '../db/errors.ts'
import { applyToMariaDb } from './apply-mariadb.ts'
import { applyToSqlite } from './apply-sqlite.ts'
import { lossOf, prepareValues } from './convert.ts'
import { diff, sameColumn, sameIndex, storedType } from './diff.ts'
import { introspect, introspectAll } from './introspect.ts'
import { capacity } from './sql.ts'
import type { Applied, Change, ColumnSpec, DatabaseKind, TableSpec } from './types.ts'

/** Told how many tables are done, of how many that change. */
export type TableProgress = (done: number, total: number) => void

type Reverted = Applied['reverted'][number]

/**
 * Carries out changes that `diff` found, table by table. What is done already is left out, so that it may run
 * twice, or again after it was killed in the middle: each table's changes happen as a whole or not at all
 * (a filled-in value may stay). A column whose values another type would cut, round or refuse stays as it is.
 *
 * @param knex MariaDB: a handle outside any transaction (DDL would commit it), such as `db.reader`; SQLite: a
 *   transaction, since only those write
 * @param told of each table that is begun
 */
export async function apply(
  knex: Knex,
  kind: DatabaseKind,
  changes: readonly Change[],
  told: TableProgress = () => undefined,
): Promise<Applied> {
  const applied: Change[] = []
  const reverted: Reverted[] = []
  const tables = byTable(changes)
  for (const [at, [table, wanted]] of [...tables].entries()) {
    told(at, tables.size)
    const actual = await introspect(knex, kind, table)
    const pending = stillPending(actual, wanted)
    const kept: Change[] = []
    for (const change of pending) {
      const refusal = await refuseTruncation(knex, kind, change)
      if (refusal) reverted.push({ change, reason: refusal.reason })
      const instead = refusal ? refusal.instead : change
      if (instead) kept.push(instead)
    }
    if (kept.length === 0) continue
    for (const change of kept) await prepare(knex, kind, actual, change)
    try {
      if (kind === 'mariadb') await applyToMariaDb(knex, table, kept)
      else await applyToSqlite(knex, table, actual, kept)
    } catch (error) {
      throw explained(error, table, kept)
    }
    applied.push(...kept)
  }
  if (tables.size > 0) told(tables.size, tables.size)
  return { applied, reverted }
}

/** Brings tables to what is desired, from whatever they are: introspect, diff and apply for each. */
export async function syncTables(
  db: Database,
  tables: readonly TableSpec[],
  told?: TableProgress,
): Promise<Applied> {
  const sync = async (knex: Knex): Promise<Applied> => {
    const found = await introspectAll(knex, db.kind)
    const changes = tables.flatMap((table) => diff(found.get(table.name) ?? null, table))
    return apply(knex, db.kind, changes, told)
  }
  return db.kind === 'mariadb' ? sync(db.reader) : db.transaction(sync)
}

function byTable(changes: readonly Change[]): Map<string, Change[]> {
  const tables = new Map<string, Change[]>()
  for (const change of changes) {
    const table = change.do === 'create table' ? change.table.name : change.table
    tables.set(table, [...(tables.get(table) ?? []), change])
  }
  return tables
}

function stillPending(actual: TableSpec | null, changes: readonly Change[]): Change[] {
  if (!actual) return [...changes]
  const find = ({ name }: ColumnSpec): ColumnSpec | undefined =>
    actual.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  return changes.flatMap((change): Change[] => {
    switch (change.do) {
      case 'create table':
        return diff(actual, change.table)
      case 'add column':
        return find(change.column) ? [] : [change]
      case 'modify column': {
        const from = find(change.to)
        return from && sameColumn(from, change.to) ? [] : [change]
      }
      case 'add index':
        return actual.indexes.some((one) => sameIndex(one, change.index)) ? [] : [change]
      case 'drop index':
        return actual.indexes.some((one) => one.name === change.index.name) ? [change] : []
    }
  })
}

/** Values first, where they have another form in the changed column, or under a unique index. */
async function prepare(
  knex: Knex,
  kind: DatabaseKind,
  actual: TableSpec | null,
  change: Change,
): Promise<void> {
  if (change.do === 'modify column') await prepareValues(knex, kind, change)
  if (change.do !== 'add index' || !change.index.unique) return
  const [name, ...more] = change.index.columns
  const column = actual?.columns.find((one) => one.name === name)
  // Of several documents without a value, none holds the unique one: as when they are saved.
  if (column?.nullable && more.length === 0 && capacity(column.type) !== undefined)
    await knex(change.table)
      .where(column.name, '')
      .update({ [column.name]: null })
}

/** MariaDB's limits of a table: bytes of a row, columns, indexes, bytes of an index. */
const LIMITS = new Set([1117, 1118, 1069, 1070, 1071])

/** The error with the table's name, and what to do about it; one that may pass by itself stays as it is. */
function explained(error: unknown, table: string, changes: readonly Change[]): unknown {
  if (error instanceof DatabaseError && LIMITS.has(error.errno ?? 0)) {
    return new Error(
      `${table} is too large for MariaDB: give its DocType fewer or shorter fields and indexes, or text instead of Data (${error.message})`,
      { cause: error },
    )
  }
  if (!(error instanceof DuplicateKeyError)) return error
  const unique = changes.flatMap((change) =>
    change.do === 'add index' && change.index.unique ? [change.index.columns.join(', ')] : [],
  )
  return new Error(
    `${table}: ${unique.join('; ')} cannot become unique while rows have the same value. Make them differ, and migrate again.`,
    { cause: error },
  )
}

/** When another type would cut or change what the column holds: why, and what is left to do with the old type. */
async function refuseTruncation(
  knex: Knex,
  kind: DatabaseKind,
  change: Change,
): Promise<{ reason: string; instead: Change | null } | null> {
  if (change.do !== 'modify column') return null
  const { table, from, to } = change
  const rest = { ...to, name: from.name, type: from.type }
  const instead = sameColumn(from, rest) ? null : { ...change, to: rest }
  const loss = await lossOf(knex, change)
  if (loss !== null) return { reason: loss, instead: null }
  const before = capacity(storedType(from.type))
  const after = capacity(storedType(to.type))
  if (before === undefined || after === undefined || after >= before) return null
  const longest = await longestValue(knex, kind, table, to)
  if (longest <= after) return null
  return {
    reason: `${table}.${to.name} stays ${from.type}: ${to.type} would cut a value of ${longest} characters`,
    instead,
  }
}

/** In the unit of `capacity`. */
async function longestValue(
  knex: Knex,
  kind: DatabaseKind,
  table: string,
  column: ColumnSpec,
): Promise<number> {
  const characters = kind === 'mariadb' ? 'char_length' : 'length'
  const measure = column.type === 'text' ? 'octet_length' : characters
  const row = await knex(table)
    .select<{ longest: number | null }[]>(knex.raw(`max(${measure}(??)) as longest`, [column.name]))
    .first()
  return row?.longest ?? 0
}
