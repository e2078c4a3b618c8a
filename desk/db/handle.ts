import type { Knex } from 'knex'
import { DatabaseError, isRetryable } from './errors.ts'

/** What a transaction needs of knex's client. */
export interface Client {
  acquireConnection(): Promise<Connection>
  releaseConnection(connection: Connection): Promise<void>
  query(
    connection: Connection,
    query: string | { sql: string; bindings: readonly Knex.RawBinding[] },
  ): Promise<unknown>
}

/** A driver's connection; `__knex__disposed` tells the pool to throw it away. */
export interface Connection {
  __knex__disposed?: unknown
}

export interface Handle {
  readonly tx: Knex.Transaction
  /** From here on the handle refuses: the connection may already serve someone else. */
  readonly close: () => void
}

type Container = (tx: Knex.Transaction) => Promise<unknown>

/**
 * A handle of knex whose statements all go to one connection.
 *
 * Knex builds each transaction's handle anew, property by property, which costs as much as two statements.
 * This one inherits from the handle of the pool instead, and differs in the client alone.
 */
export function handleOf(knex: Knex, connection: Connection): Handle {
  let open = true
  let savepoints = 0
  const pool = knex.client as Client
  const client: Client = Object.assign(Object.create(pool) as Client, {
    transacting: true,
    acquireConnection: () =>
      open
        ? Promise.resolve(connection)
        : Promise.reject(
            new DatabaseError('This transaction is over: its handle was used after commit or rollback'),
          ),
    releaseConnection: () => Promise.resolve(),
  })
  const savepoint = async (container: Container): Promise<unknown> => {
    const name = `inner_${++savepoints}`
    await client.query(connection, `SAVEPOINT ${name}`)
    try {
      const result = await container(tx)
      await client.query(connection, `RELEASE SAVEPOINT ${name}`)
      return result
    } catch (error) {
      await client.query(connection, `ROLLBACK TO SAVEPOINT ${name}`).catch((failure: unknown) => {
        // A deadlock has ended the savepoint with its transaction, which is done again as a whole.
        throw isRetryable(error) ? error : failure
      })
      throw error
    }
  }
  const parent = knex as unknown as { context: object }
  const context = Object.assign(Object.create(parent.context) as { queryBuilder(): Knex.QueryBuilder }, {
    client,
    transaction: savepoint,
  })
  const from = (table: string, options?: object): Knex.QueryBuilder => {
    const builder = context.queryBuilder() as unknown as { table(...args: unknown[]): Knex.QueryBuilder }
    return builder.table(table, options)
  }
  Object.defineProperty(from, 'context', { value: context })
  const tx = Object.assign(Object.setPrototypeOf(from, knex) as typeof from, {
    isTransaction: true,
    isCompleted: () => !open,
  }) as unknown as Knex.Transaction
  return {
    tx,
    close: () => {
      open = false
    },
  }
}
