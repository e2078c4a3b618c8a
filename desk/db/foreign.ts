import { createConnection, type Connection } from 'mariadb'
import { cut, DatabaseError, DatabaseUnavailableError } from './errors.ts'
import { fitForJson } from './mariadb.ts'

/** How to reach a MariaDB database that belongs to another system. */
export interface ForeignLogin {
  readonly host?: string
  readonly port?: number
  /** A Unix socket; wins over host and port. */
  readonly socket?: string
  readonly database: string
  readonly user: string
  readonly password: string
}

/** Another system's MariaDB database, to be read and nothing else. */
export interface ForeignDatabase {
  /** Rows as of the moment of opening. Dates are text as stored, impossible ones too. */
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>
  close(): Promise<void>
}

const connectTimeout = 5_000

/**
 * Everything is read in one transaction that may only read: no lock is taken, and however long the reading takes, it
 * sees one moment. What the server's tables say in other character sets comes as Unicode.
 */
const statements = [
  'SET NAMES utf8mb4',
  "SET SESSION sql_mode = ''",
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'SET SESSION TRANSACTION READ ONLY',
  'SET SESSION wait_timeout = 28800',
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
]

/** @throws DatabaseUnavailableError that says what to check; it never holds the password */
export async function openForeignDatabase(login: ForeignLogin): Promise<ForeignDatabase> {
  const connection = await connect(login)
  // A connection that breaks says so to the statement that needs it.
  connection.on('error', () => undefined)
  for (const statement of statements) await connection.query(statement)
  return {
    async rows<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
      try {
        return await connection.query<Row[]>(sql, values)
      } catch (error) {
        throw explainStatement(error, login)
      }
    },
    close: () => connection.end().catch(() => undefined),
  }
}

async function connect(login: ForeignLogin): Promise<Connection> {
  try {
    return await createConnection({
      ...(login.socket
        ? { socketPath: login.socket }
        : { host: login.host ?? '127.0.0.1', port: login.port ?? 3306 }),
      user: login.user,
      password: login.password,
      database: login.database,
      connectTimeout,
      dateStrings: true,
      insertIdAsNumber: true,
      autoJsonMap: false,
      typeCast: fitForJson,
    })
  } catch (error) {
    throw explainConnection(error, login)
  }
}

const placeOf = ({ socket, host = '127.0.0.1', port = 3306 }: ForeignLogin): string =>
  socket ? `socket ${socket}` : `${host}:${String(port)}`

function explainConnection(error: unknown, login: ForeignLogin): DatabaseError {
  const { code, errno } = error as { code?: string; errno?: number }
  const place = placeOf(login)
  const advice = (): string => {
    switch (errno) {
      case 1045:
      case 1698:
        return `MariaDB at ${place} refused user ${login.user}: check the user name and the password`
      case 1044:
        return `MariaDB at ${place} does not let user ${login.user} use database ${login.database}: grant SELECT on it, or name another user`
      case 1049:
        return `MariaDB at ${place} has no database ${login.database}: check its name`
      default:
        return `MariaDB does not answer at ${place} (${code ?? 'no reason given'}): check that it runs, and its address`
    }
  }
  return new DatabaseUnavailableError(advice(), { code, errno })
}

/** In the server's own words, without the statement and its values. */
function explainStatement(error: unknown, login: ForeignLogin): DatabaseError {
  const { sqlMessage, code, errno, fatal } = error as {
    sqlMessage?: string | null
    code?: string
    errno?: number
    fatal?: boolean
  }
  const reason = cut(sqlMessage ?? code ?? 'no reason given')
  const what = fatal
    ? `The connection to MariaDB at ${placeOf(login)} broke (${reason}). Run the command again: it goes on where it stopped.`
    : `MariaDB at ${placeOf(login)}: ${reason}`
  return new DatabaseError(what, { code, errno })
}
