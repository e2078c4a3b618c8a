import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { buildOnce, makeBench } from '../../support/bench-cli.ts'

buildOnce()
const bench = await makeBench(t)
t.setTimeout(240_000)
const json = (...parts: string[]): Record<string, unknown> =>
  JSON.parse(readFileSync(bench.file(...parts), 'utf8')) as Record<string, unknown>
const SITE = 'one.test'

t.test('init makes a bench that npx finds, and does no harm to one that is there', async (t) => {
  t.match(json('package.json'), { dependencies: { '@f-chat/desk': /./ } })
  t.match(json('sites', 'common_site_config.json'), { webserver_port: 8000 })
  await bench.ok(t, ['set-config', '-g', 'x', '1'])
  await bench.ok(t, ['init', bench.path])
  t.equal(json('sites', 'common_site_config.json').x, '1')
})

t.test('a bench that cannot be made', async (t) => {
  const folder = t.testdir({ file: 'x' })
  await bench.fails(t, ['init', path.join(folder, 'file')], /file is in the way/)
  await bench.fails(t, ['init', path.join(folder, 'file', 'below')], /file is in the way/)
  await bench.fails(t, ['init', '/sys/no-bench'], /Choose another folder/)
})

t.test('new-site asks for the password unless it is given', async (t) => {
  t.match(await bench.ok(t, ['new-site', SITE], { input: 'typed in\n' }), /ready/)
  await bench.ok(t, ['use', SITE])
  t.match(json('sites', SITE, 'site_config.json'), { db_type: 'sqlite', encryption_key: /^.{44}$/ })
  t.equal(statSync(bench.file('sites', SITE, 'site_config.json')).mode & 0o777, 0o600)
  t.match(await bench.ok(t, ['execute', 'frappe.auth.get_logged_user']), '"Administrator"')
})

t.test('what new-site refuses leaves nothing', async (t) => {
  const before = readdirSync(bench.file('sites')).sort()
  const given = ['--admin-password', 'secret']
  await bench.fails(t, ['new-site', 'two.test'], /No password was given/)
  await bench.fails(t, ['new-site', 'two.test', '--admin-password', 'abc'], /at least 4 characters/)
  await bench.fails(t, ['new-site', '../two', ...given], /cannot be a site's name/)
  await bench.fails(t, ['new-site', 'Two_Test', ...given], /cannot be a site's name/)
  await bench.fails(t, ['new-site', 'two.test', ...given, '--install-app', 'nosuch'], /bench get-app/)
  await bench.fails(t, ['new-site', 'two.test', ...given, '--db-type', 'oracle'], /sqlite or mariadb/)
  await bench.fails(t, ['new-site', 'two.test', ...given, '--db-type', 'mariadb'], /--db-root-password/)
  await bench.fails(t, ['new-site', 'two.test', ...given, '--nonsense'], /nonsense/)
  await bench.fails(t, ['new-site', SITE, ...given], /exists already.*--force/)
  await bench.fails(t, ['new-site', 'assets', ...given, '--force'], /is no site/)
  await bench.fails(t, ['new-site'], /site/)
  t.same(readdirSync(bench.file('sites')).sort(), before)
})

t.test('--force keeps the old site where the new one is refused', async (t) => {
  await bench.ok(t, ['new-site', 'kept.test', '--admin-password', 'secret'])
  const key = json('sites', 'kept.test', 'site_config.json').encryption_key
  await bench.fails(t, ['new-site', 'kept.test', '--admin-password', 'abc', '--force'], /at least 4/)
  await bench.fails(
    t,
    ['new-site', 'kept.test', '--admin-password', 'secret', '--force', '--install-app', 'nosuch'],
    /get-app/,
  )
  t.equal(json('sites', 'kept.test', 'site_config.json').encryption_key, key)
  await bench.ok(t, ['new-site', 'kept.test', '--admin-password', 'secret', '--force'])
  t.not(json('sites', 'kept.test', 'site_config.json').encryption_key, key)
  await bench.ok(t, ['drop-site', 'kept.test'])
  t.notOk(existsSync(bench.file('sites', 'kept.test')))
})
