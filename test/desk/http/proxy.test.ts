import path from 'node:path'
import t, { type Test } from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'
import { ADMIN_PASSWORD, labSiteOn } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { openSocket, serve, type Served } from '../../support/server.ts'

const behind = {
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'chat.example',
  'X-Forwarded-For': '203.0.113.9',
}

async function start(t: Test, trust: boolean): Promise<Served> {
  const database = createDatabase({ db_type: 'sqlite', db_name: path.join(t.testdir({}), 'site.db') })
  return await serve(t, await labSiteOn(t, database, wireApp, { config: { trust_proxy: trust } }))
}

const login = (served: Served) =>
  served.client().request('POST', '/api/method/login', {
    headers: { 'Content-Type': 'application/json', ...behind },
    body: JSON.stringify({ usr: 'Administrator', pwd: ADMIN_PASSWORD }),
  })

t.test('behind a proxy that is trusted, its word counts', async (t) => {
  const served = await start(t, true)
  const { cookies } = await login(served)
  t.ok(cookies.length === 5 && cookies.every((line) => line.includes('Secure')))
  const { cookie } = await served.login('Administrator', ADMIN_PASSWORD)
  const socket = openSocket(t, served, { cookie, origin: 'https://chat.example', headers: behind })
  t.match(await socket.event('ready'), { message: { user: 'Administrator' } })
})

t.test('anybody else’s does not', async (t) => {
  const served = await start(t, false)
  t.notMatch((await login(served)).cookies.join(), /Secure/)
  const { cookie } = await served.login('Administrator', ADMIN_PASSWORD)
  const socket = openSocket(t, served, { cookie, origin: 'https://chat.example', headers: behind })
  t.equal((await socket.closed).code, 4403)
})
