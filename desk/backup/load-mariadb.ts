import type { Connection } from 'mariadb'
import type { DatabaseConfig } from '../db/index.ts'
import type { Progress } from './backup.ts'
import { connectDatabase } from './connect.ts'
import type { FreshDatabase } from './fresh.ts'
import { linesOf, unreadable } from './read.ts'
import { isTemporary, quoted, SQL_END, SQL_HEAD } from './sql-text.ts'

/** The statements that a backup is made of; nothing else is run. */
const STATEMENT = /^(CREATE TABLE|CREATE SEQUENCE|INSERT INTO|ALTER SEQUENCE) `((?:[^`]|``)+)` (.*);$/s

/**
 * Reads a backup to its end, and then loads it into tables of other names beside the site's own. This needs no more
 * than the rights that a site has in its database.
 * @throws where it is cut short or damaged; nothing has been done then
 */
export async function loadMariaDb(
  backup: string,
  config: DatabaseConfig,
  progress: Progress,
): Promise<FreshDatabase> {
  const total = await checkSql(backup)
  const connection = await connectDatabase(config)
  try {
    await takeRestoreLock(connection)
    await dropTemporary(connection)
    const tables = await load(connection, backup, (done) => progress('database', done, total))
    return freshTables(connection, tables)
  } catch (error) {
    await connection.end()
    throw unreadable(backup, error)
  }
}

/** @returns how many lines it has */
async function checkSql(backup: string): Promise<number> {
  let count = 0
  let last = ''
  try {
    for await (const line of linesOf(backup)) {
      if (count > 0 && !isKnown(line))
        throw new Error(
          `${backup} is damaged at line ${String(count + 1)}, or not from "bench backup". Copy it again.`,
        )
      last = line
      count += 1
    }
  } catch (error) {
    throw unreadable(backup, error)
  }
  if (last !== SQL_END) throw new Error(`${backup} is cut short: its end is missing. Copy the backup again.`)
  return count
}

const isKnown = (line: string): boolean =>
  line === SQL_END || line.startsWith('SET NAMES utf8mb4, ') || STATEMENT.test(line)

/** @returns the new tables by the names that they shall have */
async function load(
  connection: Connection,
  backup: string,
  told: (done: number) => void,
): Promise<Map<string, string>> {
  const tables = new Map<string, string>()
  let done = 0
  await connection.query(
    "SET foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO', autocommit = 0",
  )
  for await (const line of linesOf(backup)) {
    told((done += 1))
    const [, verb, name, rest] = STATEMENT.exec(line) ?? []
    if (verb === undefined || name === undefined || rest === undefined || line.startsWith(SQL_HEAD)) continue
    const real = name.replaceAll('``', '`')
    const fresh = tables.get(real) ?? `__restore_${String(tables.size + 1)}`
    tables.set(real, fresh)
    await connection.query(`${verb} ${quoted(fresh)} ${rest}`)
  }
  await connection.commit()
  return tables
}

function freshTables(connection: Connection, tables: ReadonlyMap<string, string>): FreshDatabase {
  const rowsOf = async <T>(table: string, columns: string, where = ''): Promise<T[]> => {
    const fresh = tables.get(table)
    return fresh ? await connection.query<T[]>(`SELECT ${columns} FROM ${quoted(fresh)} ${where}`) : []
  }
  return {
    async apps() {
      const rows = await rowsOf<{ name: string; version: string }>(
        'tabInstalled Application',
        'app_name AS name, app_version AS version',
      )
      return new Map(rows.map(({ name, version }) => [name, version]))
    },
    hasSecrets: async () => (await rowsOf('__Auth', 'name', 'WHERE encrypted = 1 LIMIT 1')).length > 0,
    /** One statement renames all: the server does every step or none. */
    async switchIn() {
      const old = (await tableNames(connection)).filter((name) => !isTemporary(name))
      const steps = [
        ...old.map((name, at) => `${quoted(name)} TO ${quoted(`__replaced_${String(at + 1)}`)}`),
        ...[...tables].map(([name, fresh]) => `${quoted(fresh)} TO ${quoted(name)}`),
      ]
      await connection.query(`RENAME TABLE ${steps.join(', ')}`)
    },
    close: () => connection.end(),
  }
}

/** Ends a restore. @param decide told whether the loaded tables have left their places; what is there is cleared then */
export async function settleMariaDb(
  config: DatabaseConfig,
  decide: (nothingIsLoaded: boolean) => Promise<boolean>,
): Promise<boolean> {
  const connection = await connectDatabase(config)
  try {
    await takeRestoreLock(connection)
    const isLoaded = (await tableNames(connection)).some((name) => name.startsWith('__restore_'))
    const isSwitched = await decide(!isLoaded)
    await dropTemporary(connection)
    return isSwitched
  } finally {
    await connection.end()
  }
}

/** The server may be at the last statement of a restore that was killed: its connection holds this until the end of it. */
async function takeRestoreLock(connection: Connection): Promise<void> {
  const [row] = await connection.query<{ taken: number | null }[]>(
    "SELECT GET_LOCK(CONCAT('desk-restore-', LEFT(MD5(DATABASE()), 32)), 60) AS taken",
  )
  if (Number(row?.taken) !== 1)
    throw new Error('Another restore of this database is under way. Wait for its end, then try again.')
}

async function tableNames(connection: Connection): Promise<string[]> {
  const rows = await connection.query<{ name: string }[]>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
  )
  return rows.map(({ name }) => name)
}

/** DROP TABLE takes sequences, too. */
async function dropTemporary(connection: Connection): Promise<void> {
  for (const name of (await tableNames(connection)).filter(isTemporary))
    await connection.query(`DROP TABLE IF EXISTS ${quoted(name)}`)
}
