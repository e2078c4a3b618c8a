import type { Context, QueryConditionHook } from '@f-chat/desk'

/** A query under construction. */
export type Query = Parameters<QueryConditionHook>[0]

/** A piece of SQL with its values. */
export type RawSql = ReturnType<Context['db']['raw']>

/** Runs a query whose rows the caller knows: what a join selects is beyond what its type tells. */
export async function rowsOf<Row>(query: PromiseLike<unknown>): Promise<Row[]> {
  return (await query) as Row[]
}

/**
 * Rows of a statement that is written out: for what is asked so often that building the query anew would cost more
 * than its answer.
 */
export async function rowsOfSql<Row>(ctx: Context, sql: string, values: readonly string[]): Promise<Row[]> {
  const answer: unknown = await ctx.db.raw(sql, [...values])
  // MariaDB's connector answers with rows and columns.
  return (ctx.kind === 'mariadb' ? (answer as Row[][])[0] : (answer as Row[])) ?? []
}

/** The pattern for `like ? escape '!'` that finds this text anywhere. */
export function containing(text: string): string {
  return `%${text.trim().replaceAll(/[!%_]/g, '!$&')}%`
}
