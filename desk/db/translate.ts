import { columnsOfUnique } from '../schema/index-name.ts'
import {
  ConnectionLostError,
  DatabaseError,
  DataTooLongError,
  DeadlockError,
  DuplicateKeyError,
  SchemaOutdatedError,
  cut,
  type ErrorFacts,
} from './errors.ts'

/** What the drivers put on their errors. */
interface DriverError {
  readonly message: string
  readonly code?: unknown
  readonly errno?: unknown
  readonly sqlMessage?: unknown
  readonly fatal?: unknown
}

const missing = 'The database is older than the apps: run `bench migrate`'

/**
 * A driver's error as one of ours. Knex and the connector put the whole statement, the connector its values
 * too, into the message: neither is kept.
 *
 * @param sql the statement with its placeholders
 */
export function translateError(error: unknown, sql: string): DatabaseError {
  if (error instanceof DatabaseError) return error
  const driver = error instanceof Error ? (error as DriverError) : { message: String(error) }
  const facts: ErrorFacts = {
    code: typeof driver.code === 'string' ? driver.code : undefined,
    errno: typeof driver.errno === 'number' ? driver.errno : undefined,
    sql: cut(sql),
  }
  const reason = bareReason(driver, sql)
  return facts.code?.startsWith('SQLITE')
    ? fromSqlite(facts, reason)
    : fromMariaDb(facts, reason, sql, driver.fatal === true)
}

function fromMariaDb(facts: ErrorFacts, reason: string, sql: string, fatal: boolean): DatabaseError {
  switch (facts.errno) {
    case 1062: {
      const key = / for key '(.+)'$/.exec(reason)?.[1]
      const columns = key === 'PRIMARY' ? undefined : columnsOfUnique(key ?? '')
      return new DuplicateKeyError({ table: tableOf(sql), index: key, columns }, facts)
    }
    case 1205:
    case 1213:
      return new DeadlockError(reason, facts)
    case 1406:
    case 1264:
      return new DataTooLongError(/ for column (?:.+\.)?['`](.+?)['`]/.exec(reason)?.[1], facts)
    case 1153:
      return new DatabaseError("The statement is larger than the server's max_allowed_packet", facts)
    case 1054:
    case 1146:
      return new SchemaOutdatedError(`${missing} (${reason})`, facts)
  }
  return fatal ? new ConnectionLostError(reason, facts) : new DatabaseError(reason, facts)
}

function fromSqlite(facts: ErrorFacts, reason: string): DatabaseError {
  const unique = /^UNIQUE constraint failed: (.+)$/.exec(reason)?.[1]
  if (unique !== undefined) {
    const places = unique.split(', ').map((place) => place.replace(/^index '(.+)'$/, '$1'))
    const table = places[0]?.slice(0, places[0].lastIndexOf('.'))
    const columns = places.map((place) => place.slice(place.lastIndexOf('.') + 1))
    const index = facts.code === 'SQLITE_CONSTRAINT_PRIMARYKEY' ? 'PRIMARY' : undefined
    return new DuplicateKeyError({ table, index, columns }, facts)
  }
  if (facts.code === 'SQLITE_BUSY' || facts.code === 'SQLITE_LOCKED') return new DeadlockError(reason, facts)
  if (/^no such (table|column)|has no column named/.test(reason)) {
    return new SchemaOutdatedError(`${missing} (${reason})`, facts)
  }
  return new DatabaseError(reason, facts)
}

/** The server's own words: without the statement that knex puts before them, nor the values after them. */
function bareReason({ message, sqlMessage }: DriverError, sql: string): string {
  if (typeof sqlMessage === 'string') return cut(sqlMessage)
  const prefix = `${sql} - `
  return cut(message.startsWith(prefix) ? message.slice(prefix.length) : message)
}

function tableOf(sql: string): string | undefined {
  return /^\s*(?:insert(?: ignore)? into|update|replace into|alter table)\s+`([^`]+)`/i.exec(sql)?.[1]
}
