import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import { queryRows } from '../db/rows.ts'
import { isSqlExpression } from './checks.ts'

type Row = Record<string, unknown>

const texts = new Map<string, string>()
const MOST_TEXTS = 1000

/** Written out once for each set of columns: building the statement anew costs more than running it. */
function insertText(
  table: string,
  columns: readonly string[],
  places: readonly string[],
  returned: readonly string[],
): string {
  const key = `${table}\n${columns.join()}\n${places.join()}\n${returned.join()}`
  let text = texts.get(key)
  if (text === undefined) {
    const returning = returned.length > 0 ? ` returning ${returned.map(quote).join(', ')}` : ''
    text = `insert into ${quote(table)} (${columns.map(quote).join(', ')}) values (${places.join(', ')})${returning}`
    if (texts.size >= MOST_TEXTS) texts.clear()
    texts.set(key, text)
  }
  return text
}

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/**
 * Inserts a row.
 * @param returned columns whose value the database computes
 * @returns these columns as they were stored
 */
export async function insertOne(
  ctx: Context,
  table: string,
  row: Row,
  returned: readonly string[],
): Promise<Row> {
  const places: string[] = []
  const bindings: Knex.RawBinding[] = []
  for (const value of Object.values(row)) {
    if (isSqlExpression(value)) {
      const { sql, bindings: own } = value.toSQL()
      places.push(sql)
      bindings.push(...(own as Knex.RawBinding[]))
    } else {
      places.push('?')
      bindings.push(value as Knex.RawBinding)
    }
  }
  const text = insertText(table, Object.keys(row), places, returned)
  const [answer = {}] = await queryRows<Row>(ctx.db, ctx.kind, text, bindings)
  return answer
}
