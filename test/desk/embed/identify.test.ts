import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { createDatabase, type Database } from '../../../desk/db/index.ts'
import { SiteBench } from '../../support/bench-site.ts'
import { needsMariaDb } from '../../support/databases.ts'
import { byCookie, embed, SITE, type Host, type People } from '../../support/embed.ts'
import { TestSocket, type Client } from '../../support/server.ts'

const ANN = { user: 'ann@shop.example', fullName: 'Ann Berg', roles: ['Chat User'] }
const BEN = { user: 'ben@shop.example', fullName: 'Ben', roles: ['Chat User'] }

interface Shop extends Host {
  people: People
  database: Database
}

async function shop(t: Test, options: Parameters<typeof embed>[1] = {}): Promise<Shop> {
  const people: People = new Map([
    ['ann', ANN],
    ['ben', BEN],
  ])
  const host = await embed(t, { identify: byCookie(people), ...options })
  const database = createDatabase({ db_type: 'sqlite', db_name: `${host.benchPath}/sites/${SITE}/site.db` })
  t.teardown(() => database.close())
  return { ...host, people, database }
}

const whoAmI = async (client: Client): Promise<unknown> =>
  (await client.get('/api/method/frappe.auth.get_logged_user')).body.message

const boot = async (client: Client): Promise<{ user: Record<string, unknown> }> =>
  (await client.get('/api/method/desk.boot')).body.message

const row = (database: Database, user: string): Promise<Record<string, unknown> | undefined> =>
  database.reader('tabUser').where({ name: user }).first<Record<string, unknown> | undefined>('*')

function socket(t: Test, { url }: Host, headers: Record<string, string>): TestSocket {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/realtime`, { headers })
  t.teardown(() => {
    ws.terminate()
  })
  return new TestSocket(ws)
}

t.test('a person becomes a User at first sight, who follows what is said later', async (t) => {
  const host = await shop(t)
  const { people, database } = host
  const ann = host.client('ann')
  t.equal(await row(database, ANN.user), undefined)
  const together = await Promise.all(Array.from({ length: 8 }, () => whoAmI(ann)))
  t.same(new Set(together), new Set([ANN.user]), 'requests that come together make one User')
  const made = await row(database, ANN.user)
  t.match(made, { full_name: 'Ann Berg', user_type: 'System User', enabled: 1, email: ANN.user })

  people.set('ann', { ...ANN, user: ' ANN@shop.example ' })
  t.equal(await whoAmI(ann), ANN.user)
  t.equal((await row(database, ANN.user))?.modified, made?.modified, 'nothing changed, nothing is written')

  people.set('ann', { ...ANN, fullName: 'Ann von Berg', roles: ['Chat Admin', 'Chat User', 'Chat User'] })
  t.match(await boot(ann), {
    user: { full_name: 'Ann von Berg', roles: ['All', 'Chat Admin', 'Chat User', 'Desk User', 'Guest'] },
  })
  people.set('ann', { ...ANN, roles: [] })
  t.match(await boot(ann), { user: { user_type: 'Website User', roles: ['All', 'Guest'] } })
  t.match(await ann.page('/desk'), { status: 403 })
  people.set('ann', { user: ANN.user })
  t.match(await boot(ann), { user: { full_name: ANN.user, roles: ['All', 'Guest'] } }, 'roles not said stay')
})

t.test('roles that the site has not, and those that are nobody’s to give, are left out', async (t) => {
  const host = await shop(t)
  host.people.set('ann', { ...ANN, roles: ['Chat User', 'Warehouse', 'Administrator', 'Guest'] })
  t.match(await boot(host.client('ann')), { user: { roles: ['All', 'Chat User', 'Desk User', 'Guest'] } })
  t.same(await host.database.reader('tabRole').where({ name: 'Warehouse' }), [])
})

t.test('nobody becomes who they cannot be', async (t) => {
  const host = await shop(t)
  for (const user of ['Administrator', 'administrator', 'Guest', '', 'ann']) {
    host.people.set('ann', { user, roles: ['System Manager'] })
    t.match(await host.client('ann').get('/api/method/frappe.auth.get_logged_user'), { status: 500 }, user)
  }
  t.match(await host.client().get('/api/method/frappe.auth.get_logged_user'), { status: 403 })
  t.match(await host.client('nobody').get('/api/resource/User'), { status: 403 })
})

t.test('a disabled User is nobody', async (t) => {
  const host = await shop(t)
  const ann = host.client('ann')
  await whoAmI(ann)
  await host.database.transaction((tx) => tx('tabUser').where({ name: ANN.user }).update({ enabled: 0 }))
  host.people.set('ann', { ...ANN, fullName: 'Ann again' })
  t.match(await ann.get('/api/method/frappe.auth.get_logged_user'), { status: 403 })
  t.match(await row(host.database, ANN.user), { full_name: 'Ann Berg', enabled: 0 })
  t.match(await socket(t, host, { Origin: host.url, Cookie: 'login=ann' }).closed, { code: 4401 })
})

t.test('on MariaDB, which takes some letters for others', needsMariaDb, async (t) => {
  const sites = new SiteBench(t, 'mariadb')
  await sites.bench.init()
  await sites.newSite(SITE)
  const people: People = new Map([
    ['ann', ANN],
    ['other', { ...ANN, user: 'ånn@shop.example' }],
  ])
  const host = await embed(t, {
    benchPath: sites.bench.path,
    identify: byCookie(people),
    create: false,
    migrate: true,
  })
  const ann = host.client('ann')
  t.same(new Set(await Promise.all([whoAmI(ann), whoAmI(ann), whoAmI(ann)])), new Set([ANN.user]))
  people.set('ann', { ...ANN, fullName: 'Ann von Berg', roles: ['Chat Admin'] })
  t.match(await boot(ann), {
    user: { full_name: 'Ann von Berg', roles: ['All', 'Chat Admin', 'Desk User', 'Guest'] },
  })
  t.match(await host.client('other').get('/api/method/frappe.auth.get_logged_user'), { status: 403 })
  t.match(await boot(ann), { user: { full_name: 'Ann von Berg' } })
  await host.app.close()
})

t.test('the application alone says who calls', async (t) => {
  const host = await shop(t)
  await whoAmI(host.client('ann'))
  const stranger = host.client()
  for (const headers of [{ Authorization: 'token a:b' }, { Cookie: 'sid=x; user_id=ann@shop.example' }]) {
    const answer = await stranger.get('/api/method/frappe.auth.get_logged_user', headers)
    t.match(answer, { status: 403, cookies: [] })
  }
  for (const method of [
    'login',
    'logout',
    'frappe.core.doctype.user.user.reset_password',
    'frappe.core.doctype.user.user.update_password',
    'frappe.core.doctype.user.user.generate_keys',
  ]) {
    const answer = await host.client().post(`/api/method/${method}`, { usr: 'Administrator', pwd: 'x' })
    t.match(answer, { status: 403, text: 'logs its users in and out', cookies: [] }, method)
  }
})

t.test('changes come from pages of the same origin, or from no browser', async (t) => {
  const host = await shop(t)
  const write = async (headers: Record<string, string>, login = 'login=ann'): Promise<number> => {
    const answer = await host.client().request('POST', '/api/method/f_chat.create_chat_room', {
      headers: { 'Content-Type': 'application/json', ...(login ? { Cookie: login } : {}), ...headers },
      body: JSON.stringify({ room_name: 'Yard', room_type: 'Group Chat', members: [] }),
    })
    return answer.status
  }
  const ownHost = { Origin: host.url }
  t.equal(await write(ownHost), 200, 'the page’s own origin')
  t.equal(await write({ 'Sec-Fetch-Site': 'same-origin' }), 200)
  for (const headers of [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: `${host.url}.evil.example` },
    { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    {},
  ])
    t.equal(await write(headers), 403, JSON.stringify(headers))
  t.equal(await write({ Authorization: 'Basic YTpi' }, ''), 403, 'browsers send such passwords by themselves')
  const guest = await host.client().post('/api/method/ping')
  t.match(guest, { status: 200 }, 'a program without any of it')
  for (const [method, path] of [
    ['POST', '/api/resource/User'],
    ['PUT', `/api/resource/User/${ANN.user}`],
    ['DELETE', `/api/resource/User/${ANN.user}`],
    ['POST', '/api/method/upload_file'],
  ] as const) {
    const answer = await host
      .client('ann')
      .request(method, path, { headers: { Origin: 'https://evil.example' } })
    t.match(answer, { status: 403, text: 'from pages of its own site' }, `${method} ${path}`)
  }
  const foreign = await host.client('ann').get('/api/method/desk.boot', { Origin: 'https://evil.example' })
  t.match(foreign, { status: 403 })
})

t.test('sockets: by the same rules, and asked again while they live', async (t) => {
  const host = await shop(t, { pingSeconds: 0.05 })
  const open = (headers: Record<string, string>): TestSocket =>
    socket(t, host, { Cookie: 'login=ann', ...headers })
  t.match(await open({ Origin: 'https://evil.example' }).closed, { code: 4403 })
  t.match(await open({}).closed, { code: 4401 }, 'a cookie without an origin')
  t.match(await open({ Origin: host.url, Cookie: '' }).closed, { code: 4401 })

  const ann = open({ Origin: host.url })
  await ann.event('ready')
  host.people.set('ann', BEN)
  t.match(await ann.closed, { code: 4401 }, 'it is somebody else’s now')
  const ben = open({ Origin: host.url })
  t.match(await ben.event('ready'), { message: { user: BEN.user } })
  host.people.delete('ann')
  t.match(await ben.closed, { code: 4401 }, 'nobody is logged in any more')
})

t.test('an identify that asks somebody else, and fails', async (t) => {
  const down = new Error('the directory is down')
  const host = await shop(t, { identify: () => Promise.reject(down) })
  t.match(await host.client('ann').get('/api/method/ping'), { status: 500 })
  t.match(await host.client('ann').get('/assets/f_chat/f-chat.js'), { status: 200 })
})
