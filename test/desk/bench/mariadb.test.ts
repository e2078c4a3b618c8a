import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import t from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'
import { startMariaDb } from '../../../scripts/mariadb-server.mjs'
import { buildOnce, makeBench } from '../../support/bench-cli.ts'
import { mariaDbSocket, needsMariaDb } from '../../support/databases.ts'

t.setTimeout(240_000)

t.test('new-site on MariaDB', needsMariaDb, async (t) => {
  buildOnce()
  const bench = await makeBench(t)
  const socket = await mariaDbSocket()
  const root = createDatabase({
    db_type: 'mariadb',
    db_name: 'mysql',
    db_socket: socket,
    db_user: 'root',
    db_password: '',
  })
  t.teardown(() => root.close())
  const databases = async (): Promise<string[]> =>
    (await root.reader('information_schema.schemata').pluck<string[]>('schema_name')).sort()
  const users = async (): Promise<string[]> =>
    (await root.reader('mysql.user').pluck<string[]>('User')).sort()
  const dbName = `cli_${randomBytes(4).toString('hex')}`
  const where = ['--db-type', 'mariadb', '--db-socket', socket]
  const newSite = (...more: string[]): string[] => [
    'new-site',
    'maria.test',
    ...where,
    '--db-name',
    dbName,
    '--admin-password',
    'secret',
    ...more,
  ]

  t.teardown(async () => {
    await root.reader.raw('drop database if exists ??', [dbName])
    await root.reader.raw(`drop user if exists '${dbName}'@'localhost'`)
  })

  await t.test('makes a database, and a user with rights to that one only', async (t) => {
    await bench.ok(t, newSite('--set-default'))
    const file = bench.file('sites', 'maria.test', 'site_config.json')
    const config = JSON.parse(readFileSync(file, 'utf8')) as { db_user: string; db_password: string }
    t.match(config, {
      db_type: 'mariadb',
      db_name: dbName,
      db_user: dbName,
      db_password: /^\S{24}$/,
      db_socket: socket,
    })
    t.match(await bench.ok(t, ['execute', 'ping']), 'pong')
    const own = createDatabase({
      db_type: 'mariadb',
      db_name: dbName,
      db_socket: socket,
      db_user: config.db_user,
      db_password: config.db_password,
    })
    t.teardown(() => own.close())
    const seen = await own.reader('information_schema.schemata').pluck<string[]>('schema_name')
    t.same(seen.sort(), [dbName, 'information_schema'].sort())
    await t.rejects(own.reader('mysql.user').select('User'))
    await t.rejects(
      own.reader.raw('create database ??', [dbName.replace('_', 'x')]),
      'the _ of its name is no wildcard',
    )
  })

  await t.test('the user has the rights that desk uses, in this database, from this machine', async (t) => {
    const [rows] = await root.reader.raw<Record<string, string>[][]>(
      `show grants for '${dbName}'@'localhost'`,
    )
    const grants = (rows ?? []).map((row) => Object.values(row)[0] ?? '').sort()
    t.equal(grants.length, 2)
    const place = `\`${dbName.replaceAll('_', '\\_')}\`.*`
    t.match(grants[0], `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER ON ${place} TO `)
    t.match(grants[1], /^GRANT USAGE ON \*\.\* TO /)
    t.same(await root.reader('mysql.user').where({ User: dbName }).pluck('Host'), ['localhost'])
  })

  await t.test('a wrong password for the site’s database', async (t) => {
    const file = bench.file('sites', 'maria.test', 'site_config.json')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(/"db_password": "[^"]+"/, '"db_password": "wrong"'))
    await bench.fails(t, ['list-apps'], /refused user.*db_password/)
    writeFileSync(file, text)
  })

  await t.test('what fails leaves neither folder nor database nor user', async (t) => {
    const before = [await databases(), await users()]
    const other = [...where, '--admin-password', 'secret']
    const site = ['new-site', 'other.test']
    await bench.fails(t, [...site, ...other, '--db-name', 'a;b'], /cannot be a database's name/)
    await bench.fails(t, [...site, ...other, '--db-name', dbName], /exists already.*--db-name/)
    await bench.fails(t, [...site, ...other, '--db-name', 'root'], /has a user root already/)
    await bench.fails(
      t,
      [...site, ...other, '--db-root-password', 'wrong'],
      /refused the login of root.*--db-root-password/,
    )
    const nowhere = [
      '--db-type',
      'mariadb',
      '--db-socket',
      path.join(bench.path, 'none'),
      '--admin-password',
      'secret',
    ]
    await bench.fails(t, [...site, ...nowhere], /does not answer.*--db-socket/)
    await bench.fails(
      t,
      [
        ...site,
        '--db-type',
        'mariadb',
        '--db-port',
        '1',
        '--db-root-password',
        'x',
        '--admin-password',
        'secret',
      ],
      /does not answer.*--db-host/,
    )
    const app = t.testdir({
      'package.json': '{"name":"bad-app","type":"module"}',
      'hooks.js':
        "import { defineApp } from '@f-chat/desk'\nexport default defineApp({ name: 'bad_app', title: 'Bad', after_install() { throw new Error('no, thanks') } })",
    })
    await bench.ok(t, ['get-app', app])
    await bench.fails(t, [...site, ...other, '--install-app', 'bad_app'], /no, thanks/)
    t.notOk(existsSync(bench.file('sites', 'other.test')))
    t.same([await databases(), await users()], before)
  })

  await t.test('drop-site takes database and user along', async (t) => {
    await bench.fails(t, ['drop-site', 'maria.test'], /--db-root-password/)
    t.ok(existsSync(bench.file('sites', 'maria.test')))
    // The server is the one that the site's config names.
    await bench.ok(t, ['drop-site', 'maria.test', '--db-root-password='])
    t.notOk((await databases()).includes(dbName))
    t.notOk((await users()).includes(dbName))
    t.notOk(existsSync(bench.file('sites', 'maria.test')))
  })
})

t.test('a server that is reached over TCP, and then is gone', needsMariaDb, async (t) => {
  buildOnce()
  const port = await freePort()
  const server = await startMariaDb({ port })
  t.teardown(() => server.stop())
  const bench = await makeBench(t)
  const newSite = ['new-site', 'tcp.test', '--db-type', 'mariadb', '--admin-password', 'secret']
  await bench.fails(t, newSite, /--db-root-password/)
  await bench.fails(
    t,
    [...newSite, '--db-port', String(port), '--db-root-password', 'wrong'],
    /refused the login/,
  )
  await bench.ok(t, [...newSite, '--db-port', String(port), '--db-root-password='])
  t.match(await bench.ok(t, ['doctor']), /^ok {4}database: mariadb answers$/m)
  const root = createDatabase({
    db_type: 'mariadb',
    db_name: 'mysql',
    db_socket: server.socket,
    db_user: 'root',
  })
  const hosts = await root.reader('mysql.db').where('User', 'like', '\\_%').pluck<string[]>('Host')
  await root.close()
  t.match(hosts, [/^(localhost|127\.0\.0\.1)$/], 'the login may come from this machine only')
  await bench.ok(t, ['new-site', 'still.test', '--admin-password', 'secret'])
  await server.stop()
  const gone = new RegExp(`does not answer at 127\\.0\\.0\\.1:${String(port)}`)
  for (const command of ['list-apps', 'migrate', 'backup', 'start'])
    await bench.fails(t, ['--site', 'tcp.test', command], gone)
  await bench.fails(
    t,
    ['--site', 'all', 'migrate', '--skip-failing'],
    /failed for 1 of 2 sites. tcp\.test: .*does not answer/,
  )
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  return port
}
