import t from 'tap'
import { FrappeDatabase } from '../support/frappe-source.ts'
import { ImportLab } from '../support/import-lab.ts'
import { needsMariaDb } from '../support/databases.ts'

t.setTimeout(240_000)
const SITE = 'new.test'

await t.test('what is wrong with the source is said in one line', needsMariaDb, async (t) => {
  const lab = await ImportLab.create(t, 'sqlite')
  await lab.newSite(SITE)
  const source = await FrappeDatabase.create(t)
  const command = ['--site', SITE, 'import-from-frappe']
  const { env } = source
  const at = ['--db-socket', source.socket, '--db-username', source.user]
  const refused: [string[], RegExp, Record<string, string>?][] = [
    [[], /--db-name NAME/],
    [['--db-name', source.name], /--db-host HOST, or --db-socket PATH/],
    [
      [...at, '--db-name', source.name],
      /refused user .*check the user name and the password/,
      { DB_PASSWORD: 'wrong' },
    ],
    [
      [...at, '--db-name', 'no_such_database'],
      /does not let user .* use database no_such_database|no database no_such_database/,
    ],
    [['--db-socket', '/nowhere/socket', '--db-name', 'x'], /does not answer at socket \/nowhere\/socket/],
    [
      ['--db-host', '127.0.0.1', '--db-port', '1', '--db-name', 'x'],
      /does not answer at 127\.0\.0\.1:1 .*ECONNREFUSED/,
    ],
    [['--db-host', '127.0.0.1', '--db-port', 'x', '--db-name', 'x'], /whole number/],
    [['--db-hots', 'x'], /no option --db-hots.*Did you mean --db-host/],
    [[...at, '--db-name', source.name, 'extra'], /does not know what to do with "extra"/],
  ]
  for (const [args, advice, own] of refused)
    await lab.bench.fails(t, [...command, ...args], advice, { env: own ?? env })
  const asked = await lab.bench.run([...command, ...source.args])
  t.match(asked, { code: 1, stderr: /No password was given.*--db-password/ })
  const { stderr } = await lab.bench.run([...command, ...source.args, '--verbose'], {
    env: { DB_PASSWORD: 'very wrong' },
  })
  t.match(stderr, /at /)
  t.notMatch(stderr, 'very wrong', 'no password is told')

  const noChat = await FrappeDatabase.create(t, { without: ['Chat Message', 'Chat Room'] })
  await lab.bench.fails(t, [...command, ...noChat.args], /has no chat.*Did F Chat run/, { env: noChat.env })
  await noChat.sql('drop table `tabUser`')
  await lab.bench.fails(t, [...command, ...noChat.args], /is not a Frappe site's/, { env: noChat.env })

  await t.test('a site with the tables and nothing in them', async (t) => {
    t.match(await lab.bench.ok(t, [...command, ...source.args], { env }), /0 rows are listed/)
  })
  await t.test('the command is there for sites that have the app', async (t) => {
    t.match(await lab.bench.ok(t, ['--site', SITE, '--help']), /From the site's apps\n +import-from-frappe/)
    t.match(
      await lab.bench.ok(t, ['--site', SITE, 'help', 'import-from-frappe']),
      /--db-password PASSWORD .*DB_PASSWORD/s,
    )
    await lab.bench.ok(t, ['new-site', 'plain.test', '--admin-password', 'secret'])
    t.notMatch(await lab.bench.ok(t, ['--site', 'plain.test', '--help']), 'import-from-frappe')
    await lab.bench.fails(
      t,
      ['--site', 'plain.test', 'import-from-frappe'],
      /no command "import-from-frappe"/,
    )
    await lab.bench.fails(
      t,
      ['--site', 'nosuch.test', 'import-from-frappe'],
      /no command.*no site nosuch.test/,
    )
    t.match(await lab.bench.ok(t, ['__complete', '--site', SITE, 'imp']), /^import-from-frappe$/m)
    t.match(
      await lab.bench.ok(t, ['__complete', '--site', SITE, 'import-from-frappe', '--db-p']),
      /--db-port\n--db-password/,
    )
  })
})
