import type { ConnectionConfig, FieldInfo, TypeCastNextFunction, TypeCastResult } from 'mariadb'
import knexFactory, { type Knex } from 'knex'
import type { Database, DatabaseConfig, Work } from './database.ts'
import { MariaDbDialect } from './mariadb-dialect.ts'
import { observe } from './observe.ts'
import { runWithRetry } from './transaction.ts'

const defaultPoolSize = 10
/** Connections for `independent`: apart from the pool, whose every connection may be waiting for one of them. */
const independentPoolSize = 2
const defaultAcquireTimeout = 10_000
const connectTimeout = 5_000

/** The server's own 50 s are longer than any caller waits. */
const lockWaitSeconds = 10
/** Finds peers that vanished without a word. */
const keepAliveDelay = 30_000

const sqlMode = [
  'STRICT_TRANS_TABLES',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'NO_ENGINE_SUBSTITUTION',
].join()

/** One statement for each new connection, so that a transaction needs none beside BEGIN and COMMIT. */
const initialStatement =
  `SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci, sql_mode = '${sqlMode}', time_zone = '+00:00', ` +
  `tx_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = ${lockWaitSeconds}`

/**
 * A MariaDB database; see `Database`. Transactions have connections of their own, which do not commit by themselves:
 * the first statement begins one, and the journey of a BEGIN is saved, which costs as much as any other statement.
 */
export function openMariaDb(config: DatabaseConfig): Database {
  const connection = connectionOptions(config)
  const transactional = { ...connection, initSql: `${initialStatement}, autocommit = 0` }
  const poolSize = config.pool_size ?? defaultPoolSize
  const acquireTimeout = config.acquire_timeout_ms ?? defaultAcquireTimeout
  const reader = createKnex(connection, poolSize, acquireTimeout)
  const writer = createKnex(transactional, poolSize, acquireTimeout)
  const numbers = createKnex(transactional, independentPoolSize, acquireTimeout)
  return {
    kind: 'mariadb',
    reader,
    transaction: (work) => runWithRetry(writer, null, work),
    independent: <T>(work: Work<T>) => runWithRetry(numbers, null, work),
    onQuery: (listener) => observe([reader, writer, numbers], listener),
    ping: async () => {
      await reader.raw('select 1')
    },
    close: async () => {
      await Promise.all([reader.destroy(), writer.destroy(), numbers.destroy()])
    },
  }
}

function createKnex(connection: ConnectionConfig, size: number, acquireTimeout: number): Knex {
  return knexFactory({
    client: MariaDbDialect,
    connection: connection as Knex.StaticConnectionConfig,
    pool: { min: 0, max: size },
    acquireConnectionTimeout: acquireTimeout,
    compileSqlOnError: false,
    // The errors themselves say it, and better.
    log: { warn: () => undefined },
  })
}

function connectionOptions(config: DatabaseConfig): ConnectionConfig {
  const place = config.db_socket
    ? { socketPath: config.db_socket }
    : { host: config.db_host ?? '127.0.0.1', port: config.db_port ?? 3306 }
  return {
    ...place,
    user: config.db_user ?? config.db_name,
    ...(config.db_password !== undefined && { password: config.db_password }),
    database: config.db_name,
    connectTimeout,
    keepAliveDelay,
    initSql: initialStatement,
    insertIdAsNumber: true,
    dateStrings: true,
    autoJsonMap: false,
    typeCast: fitForJson,
  }
}

/** Numbers where they are exact, strings where not; dates stay text, with their microseconds. */
export function fitForJson(field: FieldInfo, next: TypeCastNextFunction): TypeCastResult {
  if (['BIGINT'].includes(field.type)) {
    const text = field.string()
    const number = Number(text)
    return text === null || !Number.isSafeInteger(number) ? text : number
  }
  if (['DECIMAL', 'NEWDECIMAL'].includes(field.type)) {
    const text = field.string()
    return text === null ? null : Number(text)
  }
  return next()
}
