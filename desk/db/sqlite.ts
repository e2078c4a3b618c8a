import knexFactory, { type Knex } from 'knex'
import type { Database, DatabaseConfig } from './database.ts'
import { observe } from './observe.ts'
import { SqliteDialect, type SqliteConnection } from './sqlite-dialect.ts'
import { guardNesting, runWithRetry } from './transaction.ts'

/** The write lock at once: a transaction that reads first and writes later could not wait for it. */
const begin = 'BEGIN IMMEDIATE'

const defaultReaders = 2
const defaultAcquireTimeout = 10_000

/**
 * Calls are synchronous: while SQLite waits for another process's lock, this process stands still. So it
 * waits briefly, and `transaction` tries again with pauses in which other work goes on.
 */
const busyTimeout = 2_000

/**
 * FULL: a commit is on the disk before it is answered. NORMAL would be faster in WAL mode, but forgets the
 * last commits when the power fails, and a message that its sender saw as sent must not be lost.
 */
const writerPragmas = [
  `busy_timeout = ${busyTimeout}`,
  'journal_mode = WAL',
  'synchronous = FULL',
  'foreign_keys = OFF',
]
const readerPragmas = [`busy_timeout = ${busyTimeout}`, 'journal_mode = WAL', 'query_only = ON']

/**
 * A SQLite file; see `Database`. One connection writes, so that transactions of this process queue in order
 * instead of failing on the file's lock; the others only read, each statement seeing the last commit.
 */
export function openSqlite(config: DatabaseConfig): Database {
  const acquireTimeout = config.acquire_timeout_ms ?? defaultAcquireTimeout
  const writer = createKnex({ filename: config.db_name, pragmas: writerPragmas }, 1, acquireTimeout)
  const reader = createKnex(
    { filename: config.db_name, pragmas: readerPragmas },
    config.pool_size ?? defaultReaders,
    acquireTimeout,
  )
  return {
    kind: 'sqlite',
    reader,
    transaction: guardNesting((work) => runWithRetry(writer, begin, work)),
    independent: null,
    onQuery: (listener) => observe([writer, reader], listener),
    ping: async () => {
      await reader.raw('select count(*) from sqlite_master')
    },
    close: async () => {
      // The reader first: the last connection to close tidies up the write-ahead log.
      await reader.destroy()
      await writer.destroy()
    },
  }
}

function createKnex(connection: SqliteConnection, size: number, acquireTimeout: number): Knex {
  return knexFactory({
    client: SqliteDialect,
    connection: connection as Knex.StaticConnectionConfig,
    pool: { min: 0, max: size },
    acquireConnectionTimeout: acquireTimeout,
    compileSqlOnError: false,
    useNullAsDefault: true,
    // The errors themselves say it, and better.
    log: { warn: () => undefined },
  })
}
