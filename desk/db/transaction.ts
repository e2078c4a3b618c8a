import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Database, Work } from './database.ts'
import { handleOf, type Client, type Connection } from './handle.ts'
import { CommitOutcomeUnknownError, ConnectionLostError, DatabaseError, isRetryable } from './errors.ts'

const attempts = 5
const firstPause = 10

/**
 * Refuses a transaction inside a transaction of the same database, which would wait for itself for ever where
 * there is one writer. Following the calls costs about a third of a transaction's time: SQLite alone pays it.
 */
export function guardNesting(transaction: Database['transaction']): Database['transaction'] {
  const current = new AsyncLocalStorage<{ open: boolean }>()
  return async (work) => {
    if (current.getStore()?.open) {
      throw new DatabaseError(
        'A transaction is already open here: use the handle that was passed to it (ctx.db) instead of opening another',
      )
    }
    const scope = { open: true }
    try {
      return await current.run(scope, () => transaction(work))
    } finally {
      // What the work started and left running may open its own transaction from now on.
      scope.open = false
    }
  }
}

/**
 * The whole work again after a deadlock or a lost connection; never once COMMIT may have arrived.
 * @param begin the statement that begins a transaction; null where the first statement does
 */
export async function runWithRetry<T>(knex: Knex, begin: string | null, work: Work<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(knex, begin, work)
    } catch (error) {
      if (!isRetryable(error) || attempt === attempts) throw error
      await delay(Math.random() * firstPause * 2 ** attempt)
    }
  }
}

async function runOnce<T>(knex: Knex, begin: string | null, work: Work<T>): Promise<T> {
  const client = knex.client as Client
  const connection = await client.acquireConnection()
  const { tx, close } = handleOf(knex, connection)
  try {
    if (begin !== null) await client.query(connection, begin)
    const result = await workOrRollBack(client, connection, () => work(tx).finally(close))
    await commit(client, connection)
    return result
  } finally {
    close()
    await client.releaseConnection(connection)
  }
}

async function commit(client: Client, connection: Connection): Promise<void> {
  try {
    await workOrRollBack(client, connection, () => client.query(connection, 'COMMIT'))
  } catch (error) {
    if (!(error instanceof ConnectionLostError)) throw error
    throw new CommitOutcomeUnknownError(
      'The connection to the database broke during COMMIT: look whether the change was kept before you repeat it',
      error,
    )
  }
}

/** Rolls back and throws on; a connection that cannot even roll back is thrown away. */
async function workOrRollBack<T>(client: Client, connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await client.query(connection, 'ROLLBACK').catch((failure: unknown) => {
      connection.__knex__disposed = failure
    })
    throw error
  }
}
