/** Facts of a driver's error that are safe to keep. */
export interface ErrorFacts {
  /** The driver's code: `ER_DUP_ENTRY`, `SQLITE_BUSY`, `ECONNREFUSED`. */
  readonly code?: string | undefined
  readonly errno?: number | undefined
  /** The statement with its placeholders, cut; never its values. */
  readonly sql?: string | undefined
}

/** An error of the database. Messages hold neither values of a statement nor passwords. */
export class DatabaseError extends Error {
  readonly code: string | undefined
  readonly errno: number | undefined
  readonly sql: string | undefined

  constructor(message: string, facts: ErrorFacts = {}) {
    super(message)
    this.name = new.target.name
    this.code = facts.code
    this.errno = facts.errno
    this.sql = facts.sql
  }
}

/** A primary key or unique index already holds the value. */
export class DuplicateKeyError extends DatabaseError {
  readonly table: string | undefined
  readonly index: string | undefined
  readonly columns: readonly string[] | undefined

  constructor(
    where: {
      table?: string | undefined
      index?: string | undefined
      columns?: readonly string[] | undefined
    },
    facts?: ErrorFacts,
  ) {
    const index = where.index === 'PRIMARY' ? 'the primary key' : where.index
    const key = where.columns?.join(', ') ?? index ?? 'a unique key'
    super(`Duplicate value for ${key}${where.table ? ` of ${where.table}` : ''}`, facts)
    this.table = where.table
    this.index = where.index
    this.columns = where.columns
  }
}

/** A value does not fit its column (MariaDB only: SQLite keeps text of any length). */
export class DataTooLongError extends DatabaseError {
  readonly column: string | undefined

  constructor(column: string | undefined, facts?: ErrorFacts) {
    super(`The value for ${column ?? 'a column'} is longer than its column`, facts)
    this.column = column
  }
}

/** The database gave up a transaction for another one's sake: run it again. */
export class DeadlockError extends DatabaseError {}

/** A table or column is missing: the database is older than the apps. */
export class SchemaOutdatedError extends DatabaseError {}

/** The connection broke while a statement was under way. */
export class ConnectionLostError extends DatabaseError {}

/** No connection to be had; the message names what to check. */
export class DatabaseUnavailableError extends DatabaseError {}

/** The connection broke while COMMIT was under way: the transaction may or may not have been kept. */
export class CommitOutcomeUnknownError extends DatabaseError {}

/** The transaction may run again from its start: nothing of it was kept. */
export function isRetryable(error: unknown): boolean {
  return error instanceof DeadlockError || error instanceof ConnectionLostError
}

const longestMessage = 300

/** Text for a message, cut so that a statement of megabytes does not end up in a log. */
export function cut(text: string): string {
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}… (${text.length} characters)` : text
}
