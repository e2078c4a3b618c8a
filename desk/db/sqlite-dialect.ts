import SqliteClient from 'knex/lib/dialects/better-sqlite3/index.js'
import Driver from 'libsql'
import { explainSqlite } from './unavailable.ts'
import { translateError } from './translate.ts'

type Connection = InstanceType<typeof Driver> & { __knex__disposed?: unknown }

/** What the connection is for, from the knex configuration. */
export interface SqliteConnection {
  readonly filename: string
  /** Run on each new connection. */
  readonly pragmas: readonly string[]
}

/**
 * Knex's client for better-sqlite3 over libsql, which comes prebuilt and has the same API.
 */
export class SqliteDialect extends SqliteClient {
  declare connectionSettings: SqliteConnection

  override _driver(): typeof Driver {
    return Driver
  }

  override acquireRawConnection(): Promise<Connection> {
    const open = (): Connection => openConnection(this.connectionSettings)
    return Promise.resolve().then(open)
  }

  override async acquireConnection(): Promise<unknown> {
    try {
      return await super.acquireConnection()
    } catch (error) {
      throw explainSqlite(error, this.connectionSettings.filename)
    }
  }

  override async query(connection: Connection, query: string | { sql: string }): Promise<unknown> {
    try {
      return await super.query(connection, query)
    } catch (error) {
      const typed = translateError(error, typeof query === 'string' ? query : query.sql)
      // libsql leaves a statement that met a lock "in progress", and no later COMMIT would go through.
      if (typed.code === 'SQLITE_BUSY') connection.__knex__disposed = typed
      throw explainSqlite(typed, this.connectionSettings.filename)
    }
  }

  override _query(connection: Connection, query: SqliteClient.Query): Promise<SqliteClient.Query> {
    return Promise.resolve().then(() => this.runStatement(connection, query))
  }

  private runStatement(connection: Connection, query: SqliteClient.Query): SqliteClient.Query {
    const statement = connection.prepare<[unknown[]]>(query.sql)
    const bindings = this._formatBindings(query.bindings)
    if (statement.reader) {
      // Else integers beyond 2^53 would be rounded.
      const rows = statement.safeIntegers(true).all(bindings) as Record<string, unknown>[]
      query.response = rows.map(fitForJson)
      return query
    }
    const { changes, lastInsertRowid } = statement.run(bindings)
    query.response = { changes, lastInsertRowid }
    query.context = { lastID: Number(lastInsertRowid), changes }
    return query
  }

  /**
   * libsql binds every JavaScript number as REAL, so that 1 in a varchar column would read `1.0`: integers go
   * as BigInt. It aborts the process on a boolean.
   */
  override _formatBindings(bindings: readonly unknown[] | undefined): unknown[] {
    return super._formatBindings(bindings).map((value) => {
      if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
      return value
    })
  }
}

function openConnection({ filename, pragmas }: SqliteConnection): Connection {
  const connection = new Driver(filename)
  try {
    for (const pragma of pragmas) connection.exec(`PRAGMA ${pragma}`)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Numbers where they are exact, strings where not: as the MariaDB side has it. */
function fitForJson(row: Record<string, unknown>): Record<string, unknown> {
  for (const [column, value] of Object.entries(row)) {
    if (typeof value !== 'bigint') continue
    const number = Number(value)
    row[column] = Number.isSafeInteger(number) ? number : String(value)
  }
  return row
}
