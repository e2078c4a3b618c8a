import { FrappeApp } from 'frappe-js-sdk'
import t from 'tap'
import { clientApp } from '../support/client-app.ts'
import { eachDatabase } from '../support/databases.ts'
import { ADMIN_PASSWORD, addUser, labSite, PASSWORD } from '../support/fixtures-app.ts'
import { openSocket, serve, type Answer, type Client, type TestSocket } from '../support/server.ts'

const CLERK = 'clerk@test.example'
const PLAIN = 'plain@test.example'
const m = '/api/method/'
const tickets = '/api/resource/Ticket'
const COOKIES = ['full_name', 'sid', 'system_user', 'user_id', 'user_image']

/** The twenty checks of the contract with Frappe's clients, each by its number. */
await eachDatabase(t, 'conformance', async (t, db) => {
  const site = await labSite(t, db, clientApp, { path: t.testdir() })
  for (const [email, first_name, roles] of [
    [CLERK, 'Clara', ['Clerk']],
    [PLAIN, 'Paul', []],
  ] as const)
    await addUser(site, email, roles, { new_password: PASSWORD, first_name })
  const served = await serve(t, site)
  const admin = await served.login('Administrator', ADMIN_PASSWORD)
  const guest = served.client()
  const list = async (query: Record<string, string> = {}): Promise<unknown[]> =>
    (await admin.get(`${tickets}?${String(new URLSearchParams(query))}`)).body.data as unknown[]
  const page = async (client: Client, init: object = {}): Promise<TestSocket> => {
    const socket = openSocket(t, served, { cookie: client.cookie, ...init })
    await socket.event('ready')
    return socket
  }

  await t.test('1. ping', async (t) => {
    const answer = await guest.get(`${m}ping`)
    t.equal(answer.status, 200)
    t.same(answer.body, { message: 'pong' })
  })

  await t.test('2. a guest asks who is logged in', async (t) => {
    const answer = await guest.get(`${m}frappe.auth.get_logged_user`)
    t.match(answer, { status: 403, body: { exc_type: 'PermissionError' } })
  })

  await t.test('3. a good login, and its cookies', async (t) => {
    const answer = await served.client().post(`${m}login`, { usr: CLERK, pwd: PASSWORD })
    t.equal(answer.status, 200)
    t.same(answer.body, { message: 'Logged In', home_page: '/desk', full_name: 'Clara' })
    t.same(answer.cookies.map((line) => line.split('=')[0]).sort(), COOKIES)
    for (const line of answer.cookies) {
      t.equal(/; *HttpOnly/i.test(line), line.startsWith('sid='), line)
      t.match(line, /SameSite=Lax/i)
    }
  })

  await t.test('4. a bad login', async (t) => {
    const answer = await served.client().post(`${m}login`, { usr: CLERK, pwd: 'wrong' })
    t.match(answer, {
      status: 401,
      body: { message: 'Invalid login credentials', exc_type: 'AuthenticationError' },
    })
    for (const name of COOKIES)
      t.ok(answer.cookies.findLast((line) => line.startsWith(`${name}=`))?.startsWith(`${name}=;`), name)
  })

  const clerk = await served.login(CLERK, PASSWORD)
  const keys = (await clerk.post(`${m}frappe.core.doctype.user.user.generate_keys`, { user: CLERK })).body
    .message as { api_key: string; api_secret: string }
  const token = `${keys.api_key}:${keys.api_secret}`
  const as = (authorization: string, path: string): Promise<Answer> =>
    served.client().get(path, { Authorization: authorization })

  await t.test('5. token, Basic, and a bad token', async (t) => {
    for (const good of [`token ${token}`, `Basic ${Buffer.from(token).toString('base64')}`]) {
      t.same((await as(good, `${m}frappe.auth.get_logged_user`)).body, { message: CLERK })
    }
    for (const bad of ['token a:b', `token ${keys.api_key}:wrong`, 'Basic !!!', 'Bearer nothing'])
      t.equal((await as(bad, `${m}ping`)).status, 401, bad)
  })

  await t.test('6. a POST by cookie: CSRF once a page of the desk was rendered', async (t) => {
    const client = await served.login(CLERK, PASSWORD)
    const write = (): Promise<Answer> => client.post(`${m}lab.write`, { text: 'x' })
    t.equal((await write()).status, 200)
    const csrf = /"csrf_token":"(\w+)"/.exec((await client.page('/desk')).text)?.[1]
    t.ok(csrf)
    t.match(await write(), { status: 400, body: { exc_type: 'CSRFTokenError' } })
    client.csrf = csrf
    t.equal((await write()).status, 200)
  })

  await t.test('7. a POST by token needs none', async (t) => {
    const answer = await served.client().request('POST', `${m}lab.write`, {
      headers: { Authorization: `token ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ text: 'x' }),
    })
    t.match(answer, { status: 200, body: { message: 'x' } })
  })

  await t.test('8. a method that returns nothing', async (t) => {
    t.same((await guest.get(`${m}lab.nothing`)).body, {})
  })

  await t.test('9. a wrong verb; an unknown method', async (t) => {
    t.match(await admin.get(`${m}lab.write?text=x`), { status: 403, body: { exc_type: 'PermissionError' } })
    t.match(await admin.get(`${m}no.such.method`), { status: 417, body: { exc_type: 'ValidationError' } })
  })

  await t.test('10. create', async (t) => {
    const answer = await admin.post(tickets, { subject: 'One', name: 'mine' })
    t.match(answer, { status: 200, body: { data: { name: 'T-0001', subject: 'One', docstatus: 0 } } })
    t.notOk('note' in answer.body.data)
  })

  await t.test('11. a name that is taken', async (t) => {
    await admin.post('/api/resource/Label', { name: 'red' })
    const answer = await admin.post('/api/resource/Label', { name: 'red' })
    t.match(answer, { status: 409, body: { exc_type: 'DuplicateEntryError' } })
  })

  await t.test('12. a mandatory value is missing', async (t) => {
    const answer = await admin.post(tickets, {})
    t.match(answer, { status: 417, body: { exc_type: 'MandatoryError' } })
    const messages = JSON.parse(answer.body._server_messages as string) as string[]
    t.match(JSON.parse(messages[0] ?? ''), { message: /Subject/ })
  })

  await t.test('13. a stale modified', async (t) => {
    const { modified } = (await admin.get(`${tickets}/T-0001`)).body.data as { modified: string }
    t.equal((await admin.put(`${tickets}/T-0001`, { note: 'first', modified })).status, 200)
    t.match(await admin.put(`${tickets}/T-0001`, { note: 'second', modified }), {
      status: 417,
      body: { exc_type: 'TimestampMismatchError' },
    })
    t.equal((await admin.put(`${tickets}/T-0001`, { note: 'second' })).status, 200)
  })

  await t.test('14. delete', async (t) => {
    const answer = await admin.delete('/api/resource/Label/red')
    t.equal(answer.status, 202)
    t.same(answer.body, { data: 'ok' })
    t.equal((await admin.get('/api/resource/Label/red')).status, 404)
  })

  await t.test('15. lists', async (t) => {
    for (let rank = 1; rank <= 24; rank++) await admin.post(tickets, { subject: `s${String(rank)}`, rank })
    const usual = await list()
    t.equal(usual.length, 20)
    t.same(usual[0], { name: 'T-0001' })
    t.equal((await list({ limit: '0' })).length, 25)
    t.equal((await list({ limit: '9', limit_page_length: '3' })).length, 3)
    t.same(await list({ as_dict: 'false', limit: '1', fields: '["name","subject"]' }), [['T-0001', 'One']])
    t.same(await list({ or_filters: '[["rank","=",4],["subject","=","s5"]]', fields: '["rank"]' }), [
      { rank: 4 },
      { rank: 5 },
    ])
  })

  await t.test('16. a name with a slash and a blank, by the SDK', async (t) => {
    await admin.post('/api/resource/Label', { name: 'A/B 1' })
    const app = new FrappeApp(served.url, { useToken: false, type: 'token' }, 'x', { Cookie: admin.cookie })
    t.match(await app.db().getDoc('Label', 'A/B 1'), { name: 'A/B 1' })
  })

  await t.test('17. GET with a JSON content type and no body', async (t) => {
    const answer = await admin.get(`${tickets}?limit=2`, { 'Content-Type': 'application/json' })
    t.equal(answer.body.data.length, 2)
  })

  await t.test('18. private and public files', async (t) => {
    const upload = async (isPrivate: string): Promise<string> => {
      const body = new FormData()
      body.append('is_private', isPrivate)
      body.append('file', new Blob(['hello']), 'hello.txt')
      const answer = await clerk.request('POST', `${m}upload_file`, { body })
      t.equal(answer.status, 200, answer.text)
      return answer.body.message.file_url as string
    }
    const kept = await upload('1')
    t.match(kept, /^\/private\/files\//)
    t.equal((await guest.get(kept)).status, 403)
    t.equal((await clerk.get(kept)).text, 'hello')
    t.equal((await guest.get(await upload('0'))).text, 'hello')
  })

  await t.test(
    '19. what is for one user reaches that user’s sockets only; a foreign Origin is refused',
    async (t) => {
      const mine = await page(clerk)
      const other = await page(admin)
      await site.asAdministrator((ctx) => {
        ctx.publish('for_one', { secret: 1 }, { user: CLERK })
        ctx.publish('for_all', {}, { users: [CLERK, 'Administrator'] })
        return Promise.resolve()
      })
      t.match(await mine.event('for_one'), { message: { secret: 1 } })
      await other.event('for_all')
      t.notOk(other.frames.some((frame) => frame.event === 'for_one'))
      const foreign = openSocket(t, served, { cookie: clerk.cookie, origin: 'http://elsewhere.example' })
      t.equal((await foreign.closed).code, 4403)
    },
  )

  await t.test('20. doc_subscribe and doctype_subscribe, within the right to read', async (t) => {
    const reader = await page(clerk)
    const outsider = await page(await served.login(PLAIN, PASSWORD))
    const doc = { doctype: 'Ticket', docname: 'T-0001' }
    t.notOk('status' in (await reader.call('frappe.realtime.doc_subscribe', doc)))
    t.notOk('status' in (await reader.call('frappe.realtime.doctype_subscribe', { doctype: 'Ticket' })))
    t.match(await outsider.call('frappe.realtime.doc_subscribe', doc), { status: 403 })
    t.match(await outsider.call('frappe.realtime.doctype_subscribe', { doctype: 'Ticket' }), { status: 403 })
    const { data } = (await admin.put(`${tickets}/T-0001`, { note: 'live' })).body as {
      data: { modified: string }
    }
    t.match(await reader.event('doc_update'), {
      message: { doctype: 'Ticket', name: 'T-0001', modified: data.modified },
    })
    t.match(await reader.event('list_update'), {
      message: { doctype: 'Ticket', name: 'T-0001', user: 'Administrator' },
    })
    await site.asAdministrator((ctx) => {
      ctx.publish('afterwards', {}, { user: PLAIN })
      return Promise.resolve()
    })
    await outsider.event('afterwards')
    t.notOk(outsider.frames.some((frame) => String(frame.event).endsWith('_update')))
  })
})
