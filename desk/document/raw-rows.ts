import type { Knex } from 'knex'
import type { Context } from '../context.ts'

/**
 * Rows of a statement that is written out: on the paths that every request takes, building it anew with Knex costs
 * as much as running it. @param sql with `?` for the bindings and nothing else of what anyone typed
 */
export async function rawRows<Row>(
  ctx: Context,
  sql: string,
  bindings: readonly Knex.RawBinding[],
): Promise<Row[]> {
  const answer: unknown = await ctx.db.raw(sql, [...bindings])
  // The connector answers with rows and columns, SQLite with the rows.
  return (ctx.kind === 'mariadb' ? (answer as [unknown])[0] : answer) as Row[]
}
