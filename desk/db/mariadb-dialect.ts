import MariaDbClient from 'knex/lib/dialects/mariadb/index.js'
import StockCompiler from 'knex/lib/dialects/mariadb/query/mariadb-querycompiler.js'
import { explainMariaDb } from './unavailable.ts'
import { translateError } from './translate.ts'

/**
 * Knex's client for MariaDB, with two defects met: RETURNING, which knex 3.3 drops on 10.11 because it reads
 * 10.11 as less than 10.5, and streams that are left early, which wedge their connection. Errors come typed.
 */
export class MariaDbDialect extends MariaDbClient {
  override queryCompiler(builder: unknown, bindings?: unknown): QueryCompiler {
    return new QueryCompiler(this, builder, bindings)
  }

  /** The handshake has told the version: no statement needed. */
  override checkVersion(connection: MariaDbClient.Connection): Promise<void> {
    this.version ??= /\d+\.\d+\.\d+/.exec(connection.serverVersion())?.[0] ?? ''
    return Promise.resolve()
  }

  override async query(
    connection: MariaDbClient.Connection,
    query: string | { sql: string },
  ): Promise<unknown> {
    try {
      return await super.query(connection, query)
    } catch (error) {
      throw translateError(error, typeof query === 'string' ? query : query.sql)
    }
  }

  override async acquireConnection(): Promise<MariaDbClient.Connection> {
    try {
      return await super.acquireConnection()
    } catch (error) {
      throw explainMariaDb(error, this.connectionSettings)
    }
  }

  /**
   * A reader that leaves early destroys its end of the pipe; the connector would then wait for ever for
   * someone to read the rest of the rows. Its `close()` skips them, and the connection is free again.
   */
  override _stream(
    connection: MariaDbClient.Connection,
    query: { sql: string; bindings?: unknown; options?: object },
    stream: NodeJS.WritableStream,
    options: object = {},
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const rows = connection.query({ sql: query.sql, ...query.options }, query.bindings).stream(options)
      stream.on('error', reject)
      stream.on('end', resolve)
      stream.on('close', () => {
        rows.close()
        resolve()
      })
      rows.on('error', (error: unknown) => {
        const typed = translateError(error, query.sql)
        reject(typed)
        stream.emit('error', typed)
      })
      rows.pipe(stream)
    })
  }
}

class QueryCompiler extends StockCompiler {
  /** Insert and delete return rows from 10.5 on, update from 13.0 on; joins never. */
  override _supportsReturning(method: string): boolean {
    const joined = (this.grouped.join ?? []).length > 0
    const [major = 0, minor = 0] = (this.client.version ?? '10.11').split('.').map(Number)
    if (method === 'insert') return major > 10 || (major === 10 && minor >= 5)
    if (method === 'del') return !joined && (major > 10 || (major === 10 && minor >= 5))
    return !joined && major >= 13
  }
}
