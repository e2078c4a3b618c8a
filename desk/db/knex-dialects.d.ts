// The parts of knex's own dialects that ours extend; knex ships no types for them.

declare module 'knex/lib/dialects/mariadb/index.js' {
  import type { EventEmitter } from 'node:events'
  import knex from 'knex'

  namespace MariaDbDialect {
    interface Connection extends EventEmitter {
      query(options: { sql: string }, bindings: unknown): { stream(options: object): QueryStream }
      serverVersion(): string
    }
    /** A readable that also knows how to skip the rest of its rows. */
    interface QueryStream extends NodeJS.ReadableStream {
      close(): void
    }
  }
  class MariaDbDialect extends knex.Client {
    checkVersion(connection: MariaDbDialect.Connection): Promise<void>
    query(connection: MariaDbDialect.Connection, query: unknown): Promise<unknown>
    acquireConnection(): Promise<MariaDbDialect.Connection>
    _stream(
      connection: MariaDbDialect.Connection,
      query: { sql: string; bindings?: unknown; options?: object },
      stream: NodeJS.WritableStream,
      options?: object,
    ): Promise<void>
  }
  export = MariaDbDialect
}

declare module 'knex/lib/dialects/mariadb/query/mariadb-querycompiler.js' {
  class MariaDbQueryCompiler {
    constructor(client: object, builder: unknown, bindings?: unknown)
    client: { version?: string | null }
    grouped: { join?: unknown[] }
    _supportsReturning(method: string): boolean
  }
  export = MariaDbQueryCompiler
}

declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import knex from 'knex'

  namespace BetterSqliteDialect {
    interface Query {
      sql: string
      bindings?: readonly unknown[]
      response?: unknown
      context?: { lastID: number; changes: number }
    }
  }
  class BetterSqliteDialect extends knex.Client {
    _driver(): unknown
    query(connection: object, query: unknown): Promise<unknown>
    acquireConnection(): Promise<unknown>
    _query(connection: unknown, query: BetterSqliteDialect.Query): Promise<BetterSqliteDialect.Query>
    _formatBindings(bindings: readonly unknown[] | undefined): unknown[]
  }
  export = BetterSqliteDialect
}
