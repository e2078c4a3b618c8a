import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { buildOnce, makeBench } from '../../support/bench-cli.ts'

buildOnce()
const bench = await makeBench(t)
t.setTimeout(240_000)
const json = (...parts: string[]): Record<string, unknown> =>
  JSON.parse(readFileSync(bench.file(...parts), 'utf8')) as Record<string, unknown>
const SITE = 'one.test'

t.before(async () => {
  await bench.run(['new-site', SITE, '--admin-password', 'secret', '--set-default'])
})

t.test('which site', async (t) => {
  await bench.fails(t, ['--site', 'nosuch.test', 'list-apps'], /no site nosuch.test.*new-site/)
  await bench.fails(t, ['use', 'nosuch.test'], /no site nosuch.test/)
  t.equal((await bench.ok(t, ['list-apps'])).trim(), 'desk 0.1.0')
  const asJson = await bench.ok(t, ['--site', SITE, 'list-apps', '--format', 'json'])
  t.same(JSON.parse(asJson), { [SITE]: ['desk'] })
  const other = await makeBench(t)
  await other.fails(t, ['list-apps'], /no site yet.*new-site/)
  await bench.fails(t, ['--site', 'all', 'list-apps'], /one site at a time/)
  await bench.fails(t, ['list-apps', '--format', 'yaml'], /--format is text or json, not "yaml"/)
  await bench.fails(t, ['new-site', 'all'], /cannot be a site's name/)
  for (const name of ['a.test', 'b-c.d.test'])
    await other.ok(t, ['new-site', name, '--admin-password', 'secret'])
  await other.fails(t, ['list-apps'], /Say which site/)
  await other.ok(t, ['drop-site', 'a.test', '--yes'])
  t.match(await other.ok(t, ['doctor']), /^ok {4}site: b-c\.d\.test$/m, 'the only one there is')
  await other.fails(t, ['frobnicate'], /no command "frobnicate".*--help/)
  await other.fails(t, ['list-apps'], /There is no bench here|is not a bench/, {
    env: { BENCH_PATH: t.testdir({}) },
  })
})

t.test('users: added, with roles; passwords as they were typed', async (t) => {
  const person = ['add-user', 'ann@test.example', '--first-name', '007', '--password', '0123']
  await bench.ok(t, [...person, '--add-role', 'System Manager'])
  await bench.fails(t, person, /already exists/)
  await bench.fails(t, ['add-user', 'no-address', '--password', 'secret'], /not an e-mail address/)
  await bench.fails(t, ['add-user', 'b@test.example'], /--password/)
  await bench.fails(t, ['add-user', 'b@test.example', '--password', 'abc'], /at least 4/)
  await bench.fails(
    t,
    ['add-user', 'b@test.example', '--password', 'secret', '--add-role', 'Nope'],
    /Could not find.*Nope/,
  )
  await bench.ok(t, ['set-admin-password', '0042'])
  await bench.fails(t, ['set-admin-password', 'x'], /at least 4/)
})

t.test('execute: arguments, user, result; and what goes wrong', async (t) => {
  const search = ['execute', 'frappe.desk.search.search_link', '--kwargs', '{"doctype":"User","txt":"ann"}']
  t.match(JSON.parse(await bench.ok(t, search)), [{ value: 'ann@test.example', label: '007' }])
  t.match(await bench.ok(t, ['execute', 'frappe.auth.get_logged_user', '--user', 'ann@test.example']), 'ann@')
  await bench.fails(t, ['execute', 'no.such'], /no method no.such/)
  await bench.fails(t, ['execute', 'ping', '--kwargs', '{x'], /JSON object/)
  await bench.fails(t, ['execute', 'ping', '--kwargs', '[1]'], /JSON object/)
  await bench.fails(t, ['execute', 'ping', '--user', 'nobody@test.example'], /no user nobody/)
  await bench.fails(t, ['execute', 'frappe.desk.search.search_link'], /Missing argument: doctype/)
  await bench.fails(t, ['execute', 'version', '--user', 'Guest'], /Log in first/)
})

t.test('set-config: text, JSON, for all', async (t) => {
  await bench.ok(t, ['set-config', 'host_name', 'https://chat.example'])
  await bench.ok(t, ['set-config', '-p', 'session_days', '3'])
  await bench.ok(t, ['set-config', 'digits', '0123'])
  t.match(json('sites', SITE, 'site_config.json'), {
    host_name: 'https://chat.example',
    session_days: 3,
    digits: '0123',
  })
  await bench.fails(t, ['set-config', '-p', 'allow_cors', '[x'], /not JSON/)
  await bench.fails(t, ['--site', 'nosuch.test', 'set-config', 'a', 'b'], /no site/)
})

t.test('a config that is no JSON, a database that is gone or no database', async (t) => {
  const file = bench.file('sites', 'broken.test', 'site_config.json')
  mkdirSync(path.dirname(file))
  writeFileSync(file, '{ half')
  await bench.fails(t, ['--site', 'broken.test', 'list-apps'], /site_config.json is not valid JSON/)
  writeFileSync(file, '{"db_type":"sqlite","db_name":"text.db"}')
  writeFileSync(
    path.join(path.dirname(file), 'text.db'),
    'this is no database, whatever its name may say'.repeat(50),
  )
  await bench.fails(t, ['--site', 'broken.test', 'list-apps'], /not a SQLite database.*db_name/)
  writeFileSync(file, '{"db_type":"sqlite","db_name":"other.db"}')
  await bench.fails(t, ['--site', 'broken.test', 'migrate'], /holds no site.*db_name/)
  writeFileSync(file, '{"db_type":"sqlite","db_name":"nowhere/other.db"}')
  await bench.fails(t, ['--site', 'broken.test', 'list-apps'], /nowhere does not exist.*db_name/)
})

t.test('--verbose shows where it came from', async (t) => {
  const { stderr, code } = await bench.run(['execute', 'no.such', '--verbose'])
  t.not(code, 0)
  t.match(stderr, /no method no\.such[\s\S]+at /)
})
