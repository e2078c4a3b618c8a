import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import { rawRows } from './raw-rows.ts'

type Row = Record<string, unknown>

const texts = new Map<string, string>()
const MOST_TEXTS = 1000

/** Written out once for each set of columns: building the statement anew costs more than running it. */
function insertText(table: string, columns: readonly string[], returned: readonly string[]): string {
  const key = `${table}\n${columns.join()}\n${returned.join()}`
  let text = texts.get(key)
  if (text === undefined) {
    const quoted = columns.map(quote).join(', ')
    const values = columns.map(() => '?').join(', ')
    const returning = returned.length > 0 ? ` returning ${returned.map(quote).join(', ')}` : ''
    text = `insert into ${quote(table)} (${quoted}) values (${values})${returning}`
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
  const text = insertText(table, Object.keys(row), returned)
  const rows = await rawRows<Row>(ctx, text, Object.values(row) as Knex.RawBinding[])
  if (returned.length === 0) return {}
  return rows[0] ?? {}
}
