import t from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'
import { loadDesk } from '../../../desk/site/open.ts'
import { setPassword } from '../../../desk/site/passwords.ts'
import { endSessionsOf } from '../../../desk/site/sessions.ts'
import { Site } from '../../../desk/site/site.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, labSiteOn, PASSWORD, recordingLog, testApp } from '../../support/fixtures-app.ts'
import { openSocket, serve } from '../../support/server.ts'

const ANN = 'ann@test.example'
const BEN = 'ben@test.example'

await eachDatabase(t, 'another process ends a login', async (t, db) => {
  const config = await db.config()
  const site = await labSiteOn(t, createDatabase(config), {})
  for (const email of [ANN, BEN]) await addUser(site, email, [], { new_password: PASSWORD })
  const served = await serve(t, site)
  site.start()
  const ann = await served.login(ANN, PASSWORD)
  const ben = await served.login(BEN, PASSWORD)
  const sockets = [ann, ann, ben].map(({ cookie }) => openSocket(t, served, { cookie }))
  for (const socket of sockets) await socket.event('ready')
  const [first, second, other] = sockets

  // As the CLI opens it: the same database, another bus.
  const elsewhere = new Site({
    name: 'lab.test',
    path: '/nonexistent',
    config: { time_zone: 'UTC', encryption_key: 'of the lab' },
    database: createDatabase(config),
    apps: [await loadDesk(), testApp({})],
    log: recordingLog(),
  })
  t.teardown(() => elsewhere.close())
  const begin = Date.now()
  await elsewhere.asAdministrator(async (ctx) => {
    await setPassword(ctx, ANN, 'another password')
    await endSessionsOf(ctx, ANN)
  })
  t.equal((await first?.closed)?.code, 4401)
  t.equal((await second?.closed)?.code, 4401)
  t.comment(`heard after ${String(Date.now() - begin)} ms`)
  t.same((await other?.call('frappe.auth.get_logged_user'))?.message, BEN, 'nobody else is disturbed')
  const again = await served.login(ANN, 'another password')
  const socket = openSocket(t, served, { cookie: again.cookie })
  await socket.event('ready')
  await elsewhere.asAdministrator(async (ctx) => {
    const user = await ctx.getDoc('User', ANN)
    user.set('enabled', 0)
    await user.save()
  })
  t.equal((await socket.closed).code, 4401, 'a login after the first signal lives until the next')
})
