import type { Knex } from 'knex'
import { castValue } from '../document/values.ts'
import type { DocField } from '../meta/doctype.ts'
import type { ColumnSpec, DatabaseKind } from './types.ts'

/** The fieldtype whose columns are of that type; undefined for text, which takes everything that is short enough. */
function fieldOf({ name, type }: ColumnSpec): DocField | undefined {
  const fieldtype = Object.entries({
    Check: /^tinyint/,
    Int: /^int/,
    'Long Int': /^bigint/,
    Rating: /^decimal\(3,2\)/,
    Float: /^decimal/,
    Date: /^date$/,
    Datetime: /^datetime/,
    Time: /^time/,
    JSON: /^json$/,
  }).find(([, pattern]) => pattern.test(type))?.[0]
  return fieldtype === undefined ? undefined : { fieldname: name, fieldtype }
}

interface Change {
  readonly table: string
  readonly from: ColumnSpec
  readonly to: ColumnSpec
}

const family = (type: string): string => type.replace(/\(.*/, '')

/** Whether values have to be looked at: both databases would round, cut, keep or refuse them, each in its way. */
const mayLose = ({ from, to }: Change): boolean =>
  from.type !== to.type && fieldOf(to) !== undefined && !widens(family(from.type), family(to.type))

const integers = ['tinyint', 'int', 'bigint']

const widens = (from: string, to: string): boolean =>
  integers.includes(from) && integers.indexOf(from) < integers.indexOf(to)

/** The value as the new type holds it, null for none; undefined where something of it would be lost. */
function converted(field: DocField, value: string | number): string | number | null | undefined {
  try {
    const cast = castValue(field, typeof value === 'string' ? value.trim() : value)
    if (typeof cast === 'number') return value === '' || Number(value) === cast ? cast : undefined
    const cutsTime =
      field.fieldtype === 'Date' && !/^[^ T]*([ T]0?0:00(:00(\.0*)?)?)?$/.test(String(value).trim())
    if (value === '') return null
    return typeof cast === 'string' && !cutsTime ? cast : undefined
  } catch {
    return undefined
  }
}

/** Why the column must stay as it is: a value that the new type does not hold. Null where it holds them all. */
export async function lossOf(knex: Knex, change: Change): Promise<string | null> {
  const field = mayLose(change) && fieldOf(change.to)
  if (!field) return null
  for await (const { value } of values(knex, change)) {
    if (converted(field, value) === undefined) {
      const { table, from, to } = change
      return `${table}.${to.name} stays ${from.type}: ${to.type} does not hold "${String(value).slice(0, 60)}"`
    }
  }
  return null
}

/**
 * Brings values into the form of the new type while the column still has the old one: those of text, which MariaDB
 * would not convert, and on SQLite, where a column holds what it is given, all.
 */
export async function prepareValues(knex: Knex, kind: DatabaseKind, change: Change): Promise<void> {
  const field = mayLose(change) && fieldOf(change.to)
  if (!field || (kind === 'mariadb' && !/^(varchar|text|longtext)/.test(change.from.type))) return
  for await (const { name, value } of values(knex, change)) {
    const next = converted(field, value)
    if (next === undefined || String(next) === value) continue
    // Nothing is null in the new column, or what a column that must have a value is filled with.
    const text = next === null && !change.from.nullable ? '' : next
    await knex(change.table)
      .where({ name })
      .update({ [change.from.name]: text === null ? null : String(text) })
  }
}

const ROWS_AT_ONCE = 2000

/** Every row that has a value, in pages. */
async function* values(
  knex: Knex,
  { table, from }: Change,
): AsyncGenerator<{ name: string | number; value: string | number }> {
  let last: string | number | null = null
  for (;;) {
    const after = last
    const rows: { name: string | number; value: string | number }[] = await knex(table)
      .whereNotNull(from.name)
      .modify((query) => {
        if (after !== null) void query.where('name', '>', after)
      })
      .orderBy('name')
      .limit(ROWS_AT_ONCE)
      .select({ name: 'name', value: from.name })
    yield* rows
    last = rows.at(-1)?.name ?? null
    if (rows.length < ROWS_AT_ONCE || last === null) return
  }
}
