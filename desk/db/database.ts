import type { Knex } from 'knex'
import type { DatabaseKind } from '../schema/types.ts'
import { openMariaDb } from './mariadb.ts'
import { openSqlite } from './sqlite.ts'

/** How to reach a site's database: keys of site_config.json. */
export interface DatabaseConfig {
  readonly db_type: DatabaseKind
  /** MariaDB: the database. SQLite: the file's path. */
  readonly db_name: string
  readonly db_host?: string
  readonly db_port?: number
  /** A Unix socket; wins over host and port. */
  readonly db_socket?: string
  readonly db_user?: string
  readonly db_password?: string
  /** Connections for reads, and on MariaDB as many again for transactions (10; SQLite: 2 for reads, one writes). */
  readonly pool_size?: number
  /** How long a statement waits for a free connection (10,000). */
  readonly acquire_timeout_ms?: number
}

/** Work done in a transaction. It may run several times: nothing in it may leave the database before commit. */
export type Work<T> = (tx: Knex.Transaction) => Promise<T>

/** A site's database: reads outside transactions, and transactions that survive deadlocks. */
export interface Database {
  readonly kind: DatabaseKind
  /** Each statement on its own, committed by itself. On SQLite it refuses to write. */
  readonly reader: Knex
  /**
   * Runs `work` between BEGIN and COMMIT and answers with its result; any throw rolls back. After a deadlock,
   * a lock wait that timed out, or a connection lost before COMMIT was sent, the whole work runs again, up to
   * five times. `CommitOutcomeUnknownError` when the connection broke during COMMIT: then nothing is retried.
   * Never open one inside another: pass the handle on. SQLite refuses it; MariaDB would use a second connection,
   * and two such could wait for each other's.
   */
  transaction<T>(work: Work<T>): Promise<T>
  /**
   * A transaction that commits by itself even inside another one, on connections of its own: for blocks of
   * numbers. Null on SQLite, whose only writer is the outer transaction: take numbers from `tx` there,
   * it has no rival to wait for.
   */
  readonly independent: (<T>(work: Work<T>) => Promise<T>) | null
  /** Told of every statement that is sent, BEGIN and COMMIT included. Call the result to stop. */
  onQuery(listener: (sql: string) => void): () => void
  /** Resolves when the database answers; else rejects with what to check. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** Opens nothing yet: the first statement connects, and its error says what to check. */
export function createDatabase(config: DatabaseConfig): Database {
  return config.db_type === 'mariadb' ? openMariaDb(config) : openSqlite(config)
}
