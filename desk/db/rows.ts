import type { Knex } from 'knex'
import type { DatabaseKind } from '../schema/types.ts'
import type { Client } from './handle.ts'

/**
 * Rows of a statement that is written out, past Knex's builder and runner, which cost as much as the statement
 * itself: for the paths that every request takes.
 * @param sql with `?` for the bindings, and nothing in it that anybody typed
 */
export async function queryRows<Row>(
  db: Knex,
  kind: DatabaseKind,
  sql: string,
  bindings: readonly Knex.RawBinding[],
): Promise<Row[]> {
  const client = db.client as Client
  const connection = await client.acquireConnection()
  try {
    const answer = (await client.query(connection, { sql, bindings })) as { response: unknown }
    // The connector answers with rows and columns, SQLite with the rows; both with something else where there are none.
    const rows = kind === 'mariadb' ? (answer.response as readonly unknown[])[0] : answer.response
    return Array.isArray(rows) ? (rows as Row[]) : []
  } finally {
    await client.releaseConnection(connection)
  }
}
