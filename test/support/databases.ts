import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tap, { type Test } from 'tap'
import { createDatabase, type Database, type DatabaseConfig } from '../../desk/db/index.ts'
import type { DatabaseKind } from '../../desk/schema/index.ts'
import { hasMariaDb, startMariaDb, type MariaDbServer } from '../../scripts/mariadb-server.mjs'

/** One of the two databases, for a subtest. */
export interface TestDatabase {
  readonly kind: DatabaseKind
  /** The way to a new, empty database, which goes when the subtest ends. */
  readonly config: () => Promise<DatabaseConfig>
  /** The same, opened; closed when the subtest ends. */
  readonly open: () => Promise<Database>
}

let ownServer: Promise<MariaDbServer> | undefined

/**
 * The socket of a MariaDB server where root needs no password: the runner's (`TEST_MARIADB_SOCKET`), or that of
 * one which this process starts and stops.
 */
export async function mariaDbSocket(): Promise<string> {
  const given = process.env.TEST_MARIADB_SOCKET
  if (given) return given
  if (!ownServer) {
    ownServer = startMariaDb()
    tap.teardown(async () => (await ownServer)?.stop())
  }
  return (await ownServer).socket
}

/** Options of a subtest that needs MariaDB: skipped where none is installed. */
export const needsMariaDb = {
  skip: !process.env.TEST_MARIADB_SOCKET && !hasMariaDb() && 'MariaDB is not installed',
}

/** The same subtest on SQLite and on MariaDB; the latter is skipped where it is not installed. */
export async function eachDatabase(
  t: Test,
  name: string,
  run: (t: Test, db: TestDatabase) => Promise<void>,
): Promise<void> {
  await t.test(name, async (t) => {
    await t.test('sqlite', (t) =>
      run(
        t,
        testDatabase(t, 'sqlite', () => Promise.resolve(sqliteConfig(t))),
      ),
    )
    await t.test('mariadb', needsMariaDb, (t) =>
      run(
        t,
        testDatabase(t, 'mariadb', async () => mariaDbConfig(t, await mariaDbSocket())),
      ),
    )
  })
}

function testDatabase(t: Test, kind: DatabaseKind, config: () => Promise<DatabaseConfig>): TestDatabase {
  return {
    kind,
    config,
    async open() {
      const db = createDatabase(await config())
      t.teardown(() => db.close())
      return db
    },
  }
}

/** A database file of its own, gone when the subtest ends. */
export function sqliteConfig(t: Test): DatabaseConfig {
  const folder = mkdtempSync(join(tmpdir(), 'f-chat-sqlite-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return { db_type: 'sqlite', db_name: join(folder, 'site.db') }
}

/** A database of its own on the server with that socket, dropped when the subtest ends. */
export async function mariaDbConfig(t: Test, socket: string): Promise<DatabaseConfig> {
  const db_name = `test_${randomBytes(6).toString('hex')}`
  const root = { db_type: 'mariadb', db_socket: socket, db_user: 'root', db_password: '' } as const
  const administer = async (sql: string): Promise<void> => {
    const server = createDatabase({ ...root, db_name: 'mysql', pool_size: 1 })
    try {
      await server.reader.raw(sql)
    } finally {
      await server.close()
    }
  }
  await administer(`create database ${db_name} character set utf8mb4 collate utf8mb4_unicode_ci`)
  t.teardown(() => administer(`drop database if exists ${db_name}`))
  return { ...root, db_name }
}
