import t from 'tap'
import { renameSync } from 'node:fs'
import path from 'node:path'
import { createDatabase } from '../../../desk/db/index.ts'
import { Site } from '../../../desk/site/site.ts'
import { startMariaDb } from '../../../scripts/mariadb-server.mjs'
import { mariaDbConfig, needsMariaDb } from '../../support/databases.ts'
import { ADMIN_PASSWORD, labSiteOn } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { openSocket, serve, type Answer } from '../../support/server.ts'

t.test(
  'while MariaDB is down the answer is 503, and after it is back all is well',
  needsMariaDb,
  async (t) => {
    const mariadb = await startMariaDb()
    t.teardown(() => mariadb.stop())
    const config = await mariaDbConfig(t, mariadb.socket)
    const site = await labSiteOn(t, createDatabase(config), wireApp)
    const served = await serve(t, site)
    const admin = await served.login('Administrator', ADMIN_PASSWORD)
    const open = openSocket(t, served, { cookie: admin.cookie })
    await open.event('ready')
    t.equal((await admin.get('/readyz')).status, 200)

    await mariadb.kill()
    // A login that was looked up just now is believed for a second.
    site.logins.forget()
    const unavailable = (answer: Answer): void => {
      t.equal(answer.status, 503)
      t.match(answer.body, { exc_type: 'ServiceUnavailableError' })
      t.notMatch(answer.text, /socket|mariadb|ECONN|select/i)
    }
    unavailable(await admin.get('/api/resource/Label'))
    unavailable(await admin.get('/api/method/lab.private'))
    unavailable(await admin.post('/api/method/lab.write', { name: 'a' }))
    unavailable(
      await served.client().post('/api/method/login', { usr: 'Administrator', pwd: ADMIN_PASSWORD }),
    )
    t.match((await admin.get('/api/resource/Label')).text, /Try again in a moment/)
    const page = await admin.page('/desk')
    t.equal(page.status, 503)
    t.match(page.text, /Back in a moment/)
    t.equal(page.cookies.length, 0, 'nobody is logged out by it')
    t.equal((await admin.get('/healthz')).status, 200)
    t.equal((await admin.get('/readyz')).status, 503)
    t.match(await open.call('lab.write', { name: 'b' }), { status: 503, exc_type: 'ServiceUnavailableError' })
    const late = openSocket(t, served, { cookie: admin.cookie })
    t.equal((await late.closed).code, 1011, 'a socket is told to try again, not to log in')

    await mariadb.start()
    t.equal((await admin.get('/readyz')).status, 200)
    t.same((await admin.get('/api/resource/Label')).body, { data: [] })
    t.equal((await admin.post('/api/method/lab.write', { name: 'a' })).status, 200)
    t.match(await open.call('lab.write', { name: 'b' }), { id: /call/ })
  },
)

t.test('a SQLite file that cannot be opened is 503, too', async (t) => {
  const folder = t.testdir({ data: {} })
  const file = path.join(folder, 'data', 'site.db')
  const first = await labSiteOn(t, createDatabase({ db_type: 'sqlite', db_name: file }), wireApp)
  await first.database.close()
  const { name, config, log, registry } = first
  const database = createDatabase({ db_type: 'sqlite', db_name: file })
  const site = new Site({ name, path: folder, config, log, database, apps: registry.apps })
  t.teardown(() => site.close())
  const served = await serve(t, site)
  renameSync(path.join(folder, 'data'), path.join(folder, 'away'))
  t.equal((await served.client().get('/readyz')).status, 503)
  const answer = await served
    .client()
    .post('/api/method/login', { usr: 'Administrator', pwd: ADMIN_PASSWORD })
  t.match(answer, { status: 503, body: { exc_type: 'ServiceUnavailableError' } })
  renameSync(path.join(folder, 'away'), path.join(folder, 'data'))
  t.equal((await served.client().get('/readyz')).status, 200)
  await served.login('Administrator', ADMIN_PASSWORD)
})
