import type { Knex } from 'knex'
import type { Database } from '../db/database.ts'

const WAIT_SECONDS = 10

/**
 * Runs work while no other process, on whatever machine, migrates the same database.
 *
 * MariaDB: a named lock of the server, held by a connection of its own, so that it goes with a process that dies.
 * SQLite needs none: the tables are made in one transaction, the rest in another, and a second writer waits.
 * @throws with who holds the lock, after ten seconds
 */
export async function withMigrationLock<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const { independent } = database
  if (!independent) return await work()
  // Whatever the work throws must not look like the failure of this connection, which would be tried again.
  const outcome = await independent(async (connection): Promise<{ result: T } | { error: unknown }> => {
    const name = await lockName(connection)
    if (!(await takeLock(connection, name))) return { error: new Error(await refusal(connection, name)) }
    try {
      return { result: await work() }
    } catch (error) {
      return { error }
    } finally {
      await connection.raw('select release_lock(?)', [name])
    }
  })
  if ('error' in outcome) throw outcome.error
  return outcome.result
}

async function firstValue(connection: Knex, sql: string, bindings: readonly string[]): Promise<unknown> {
  const [rows] = (await connection.raw(sql, [...bindings])) as [Record<string, unknown>[]]
  return rows[0] && Object.values(rows[0])[0]
}

/** Names of locks are the server's, not the database's, and have at most 64 characters. */
async function lockName(connection: Knex): Promise<string> {
  return String(await firstValue(connection, `select concat('desk-migrate-', left(md5(database()), 32))`, []))
}

async function takeLock(connection: Knex, name: string): Promise<boolean> {
  return Number(await firstValue(connection, `select get_lock(?, ${String(WAIT_SECONDS)})`, [name])) === 1
}

async function refusal(connection: Knex, name: string): Promise<string> {
  const holder = await firstValue(
    connection,
    `select concat('connection ', id, ' of ', user, ' from ', host) from information_schema.processlist
     where id = is_used_lock(?)`,
    [name],
  )
  const who = typeof holder === 'string' ? ` (MariaDB's ${holder})` : ''
  return `Another migrate of this site is under way${who}. Wait for its end, then run this one again.`
}
