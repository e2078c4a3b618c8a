import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createDatabase, type DatabaseConfig } from '../../../desk/db/index.ts'
import { mariaDbConfig, mariaDbSocket, needsMariaDb } from '../../support/databases.ts'

async function failure(config: DatabaseConfig): Promise<string> {
  const db = createDatabase(config)
  try {
    await db.ping()
    return 'no failure'
  } catch (error) {
    return String(error)
  } finally {
    await db.close()
  }
}

t.test('MariaDB: the message names what to check, and no password', needsMariaDb, async (t) => {
  const config = await mariaDbConfig(t, await mariaDbSocket())
  const root = createDatabase(config)
  t.teardown(() => root.close())
  const user = `u${config.db_name.slice(-10)}`
  await root.reader.raw(`create user '${user}'@'%' identified by 'right'`)
  await root.reader.raw(`create user '${user}'@'localhost' identified by 'right'`)
  t.teardown(async () => {
    await root.reader.raw(`drop user '${user}'@'%', '${user}'@'localhost'`)
  })

  const refused = await failure({ ...config, db_user: user, db_password: 'wr0ng' })
  t.match(refused, `refused user ${user}: check db_user and db_password`)
  t.notMatch(refused, 'wr0ng')
  t.match(await failure({ ...config, db_user: user, db_password: 'right' }), 'does not let user')
  t.match(await failure({ ...config, db_name: 'nowhere' }), 'has no database nowhere: check db_name')
  t.match(
    await failure({ ...config, db_socket: '/nowhere/socket' }),
    /socket \/nowhere\/socket \(ENOENT\).*db_socket/,
  )
})

t.test('MariaDB: nothing listens there', async (t) => {
  const config = { db_type: 'mariadb', db_name: 'x', db_password: 's3cret' } as const
  const down = await failure({ ...config, db_host: '127.0.0.1', db_port: 1 })
  t.match(
    down,
    /does not answer at 127\.0\.0\.1:1 \(ECONNREFUSED\): check that it runs, and db_host and db_port/,
  )
  t.notMatch(down, 's3cret')
})

t.test('all connections in use', needsMariaDb, async (t) => {
  const db = createDatabase({
    ...(await mariaDbConfig(t, await mariaDbSocket())),
    pool_size: 1,
    acquire_timeout_ms: 50,
  })
  t.teardown(() => db.close())
  await db.transaction(async (tx) => {
    await tx.raw('select 1')
    await t.rejects(
      db.transaction((second) => second.raw('select 1')),
      { name: 'DatabaseUnavailableError', message: /raise pool_size/ },
    )
    await t.resolves(db.ping(), 'reads have connections of their own')
  })
})

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'f-chat-unavailable-'))
  chmodSync(path, 0o755)
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

t.test('SQLite: the message names what to check', async (t) => {
  const home = folder(t)
  const at = (path: string): DatabaseConfig => ({ db_type: 'sqlite', db_name: path })
  t.match(await failure(at(join(home, 'none', 'site.db'))), /folder .*none does not exist: check db_name/)
  t.match(await failure(at(home)), 'is a folder, not a database file')
  const letter = join(home, 'letter.txt')
  writeFileSync(letter, 'Dear database, '.repeat(500))
  t.match(await failure(at(letter)), /letter\.txt is not a SQLite database: check db_name/)
})

const isRoot = process.getuid?.() === 0

t.test('SQLite: an unwritable folder, and an unwritable file', async (t) => {
  const home = folder(t)
  const closed = join(home, 'closed')
  mkdirSync(closed)
  const made = createDatabase({ db_type: 'sqlite', db_name: join(closed, 'site.db') })
  await made.transaction((tx) => tx.raw('create table thing (name varchar(10) primary key)'))
  await made.close()
  chmodSync(join(closed, 'site.db'), 0o444)

  // Root may write anywhere: the other user looks from a process of its own.
  const writeAs = (path: string): string => {
    const script = `
      import { createDatabase } from ${JSON.stringify(new URL('../../../desk/db/index.ts', import.meta.url).href)}
      const db = createDatabase({ db_type: 'sqlite', db_name: ${JSON.stringify(path)} })
      await db.transaction((tx) => tx.raw("insert into thing (name) values ('a')")).catch((e) => console.log(String(e)))
      await db.close()`
    const args = ['--import=tsx', '--conditions=f-chat-source', '--input-type=module', '-e', script]
    const env = { PATH: process.env.PATH, HOME: home }
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env,
      ...(isRoot && { uid: 65_534, gid: 65_534 }),
    })
    return stdout + stderr
  }

  chmodSync(closed, 0o555)
  t.match(writeAs(join(closed, 'new.db')), /folder .*closed is not writable/)
  t.match(writeAs(join(closed, 'site.db')), /folder .*closed is not writable/)
  chmodSync(closed, 0o777)
  t.match(writeAs(join(closed, 'site.db')), /file .*site\.db is not writable/)
})
