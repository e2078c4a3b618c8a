import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { hostname } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'
import { buildOnce, line, makeBench } from '../../support/bench-cli.ts'

buildOnce()
const bench = await makeBench(t)
t.setTimeout(240_000)
const SITE = 'serve.test'
t.test('a site', async (t) => {
  await bench.ok(t, ['new-site', SITE, '--admin-password', 'secret', '--set-default'])
})

t.test('start serves until it is told to stop', async (t) => {
  const child = bench.spawn(['start', '--port', '0'])
  const said = await line(child, /is served at/)
  t.match(said, `${SITE} is served at http://127.0.0.1:`)
  const url = /http\S+/.exec(said)?.[0] ?? ''
  t.same(await (await fetch(`${url}/api/method/ping`)).json(), { message: 'pong' })
  t.equal((await fetch(`${url}/readyz`)).status, 200)
  await bench.fails(t, ['drop-site', SITE, '--yes'], /is being served \(process \d+ .*Stop it/)
  child.kill('SIGTERM')
  t.same(await once(child, 'close'), [0, null])
  const locks = bench.file('sites', SITE, 'locks')
  t.same(readdirSync(locks), [], 'the note that it is served is gone')
  const holder = { pid: process.pid, started: '', host: hostname(), command: 'restore' }
  writeFileSync(path.join(locks, 'bench.lock'), JSON.stringify(holder))
  await bench.fails(t, ['start', '--port', '0'], /"bench restore" \(process \d+ .*is at work/)
  rmSync(path.join(locks, 'bench.lock'))
  t.same(readdirSync(locks), [])
})

t.test('a port or address that cannot be had', async (t) => {
  const taken = createServer()
  taken.listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const port = String((taken.address() as AddressInfo).port)
  await bench.fails(t, ['start', '--port', port], new RegExp(`Port ${port} .*in use.*--port`))
  await bench.fails(t, ['start'], /in use/, { env: { PORT: port } })
  await bench.fails(t, ['start', '--port', 'many'], /a number from 0 to 65535/)
  await bench.fails(t, ['start', '--port', '70000'], /a number from 0 to 65535/)
  await bench.fails(t, ['start', '--port', '0', '--host', '203.0.113.7'], /not an address of this machine/)
})

t.test('an older database: start refuses, migrate says what it would do, and does it', async (t) => {
  const file = bench.file('sites', SITE, 'site.db')
  const database = createDatabase({ db_type: 'sqlite', db_name: file })
  await database.transaction(async (tx) => {
    await tx.raw('alter table `tabError Log` drop column `seen`')
    await tx('tabSingles').where({ field: 'schema_digest' }).update({ value: 'older' })
  })
  await database.close()
  await bench.fails(t, ['start', '--port', '0'], new RegExp(`Run "bench --site ${SITE} migrate"`))
  await bench.fails(t, ['execute', 'ping'], /migrate/)
  const { code, stdout } = await bench.run(['doctor'])
  t.equal(code, 1)
  t.match(stdout, /WRONG tables: 1 changes are due.*migrate/)
  t.match(await bench.ok(t, ['migrate', '--dry-run']), /tabError Log.*seen/)
  await bench.fails(t, ['start', '--port', '0'], /migrate/)
  t.match(await bench.ok(t, ['migrate']), /tabError Log.*seen[\s\S]*up to date/)
  t.match(await bench.ok(t, ['migrate', '--dry-run']), /Nothing to do/)
  t.match(await bench.ok(t, ['doctor']), /ok    tables: up to date/)
})

t.test('doctor: well, and unwell', async (t) => {
  const well = await bench.ok(t, ['doctor'])
  for (const check of ['node', 'bench', 'site', 'database', 'tables', 'apps'])
    t.match(well, new RegExp(`ok +${check}:`))
  t.notMatch(well, /WRONG/)
  const { code, stdout } = await bench.run(['--site', 'nosuch.test', 'doctor'])
  t.equal(code, 1)
  t.match(stdout, /WRONG site: There is no site nosuch\.test/)
  const config = bench.file('sites', SITE, 'site_config.json')
  const text = readFileSync(config, 'utf8')
  writeFileSync(
    config,
    JSON.stringify({ db_type: 'mariadb', db_name: 'x', db_socket: path.join(bench.path, 'none') }),
  )
  const down = await bench.run(['doctor'])
  t.equal(down.code, 1)
  t.match(down.stdout, /WRONG site: MariaDB does not answer.*db_socket/)
  await bench.fails(t, ['start', '--port', '0'], /MariaDB does not answer.*db_socket/)
  writeFileSync(config, text)
})
