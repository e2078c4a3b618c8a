import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseError, DatabaseUnavailableError, cut } from './errors.ts'

/** Where a MariaDB client was told to go: keys of the connector's options. */
interface Target {
  readonly host?: string
  readonly port?: number
  readonly socketPath?: string
  readonly user?: string
  readonly database?: string
}

/** Why no connection to MariaDB could be had, and what to check. */
export function explainMariaDb(error: unknown, target: Target): DatabaseError {
  if (error instanceof DatabaseError) return error
  const { code, errno } = error as { code?: string; errno?: number }
  return new DatabaseUnavailableError(mariaDbAdvice(error, code, errno, target), { code, errno })
}

function mariaDbAdvice(
  error: unknown,
  code: string | undefined,
  errno: number | undefined,
  target: Target,
): string {
  const place = target.socketPath ? `socket ${target.socketPath}` : `${target.host}:${target.port}`
  const keys = target.socketPath ? 'db_socket' : 'db_host and db_port'
  switch (errno) {
    case 1045:
      return `MariaDB at ${place} refused user ${target.user}: check db_user and db_password in site_config.json`
    case 1044:
      return `MariaDB at ${place} does not let user ${target.user} use database ${target.database}: grant it, or check db_user`
    case 1049:
      return `MariaDB at ${place} has no database ${target.database}: check db_name, or create the site again`
    case 1040:
    case 1203:
      return `MariaDB at ${place} takes no more connections: raise max_connections, or lower pool_size`
  }
  if (error instanceof Error && error.name === 'KnexTimeoutError') {
    return `No connection to MariaDB at ${place} became free in time: raise pool_size, or look for transactions that hang`
  }
  const why = code ?? cut(error instanceof Error ? error.message : String(error))
  return `MariaDB does not answer at ${place} (${why}): check that it runs, and ${keys} in site_config.json`
}

/** Why a SQLite file cannot be opened or written, and what to check. */
export function explainSqlite(error: unknown, path: string): DatabaseError {
  if (error instanceof DatabaseError && error.code !== 'SQLITE_READONLY' && error.code !== 'SQLITE_NOTADB') {
    return error
  }
  const code = (error as { code?: string }).code
  return new DatabaseUnavailableError(sqliteAdvice(error, code, path), { code })
}

function sqliteAdvice(error: unknown, code: string | undefined, path: string): string {
  if (error instanceof Error && error.name === 'KnexTimeoutError') {
    return `The writer of ${path} did not become free in time: look for transactions that hang`
  }
  if (code === 'SQLITE_NOTADB') return `${path} is not a SQLite database: check db_name in site_config.json`
  const folder = dirname(path)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    return `The folder ${folder} does not exist: check db_name in site_config.json`
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    return `${path} is a folder, not a database file: check db_name in site_config.json`
  }
  if (!isWritable(folder))
    return `The folder ${folder} is not writable for this user: SQLite writes beside the file`
  if (!isWritable(path)) return `The file ${path} is not writable for this user`
  if (code === 'SQLITE_READONLY') return 'This handle only reads: write inside a transaction'
  return `SQLite cannot open ${path}: ${cut(error instanceof Error ? error.message : String(error))}`
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
