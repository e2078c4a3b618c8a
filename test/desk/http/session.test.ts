import t from 'tap'
import { hashSid } from '../../../desk/site/sessions.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, addUser, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { serve, type Client } from '../../support/server.ts'

const ANN = 'ann@test.example'
const COOKIES = ['sid', 'system_user', 'full_name', 'user_id', 'user_image']

await eachDatabase(t, 'sessions over HTTP', async (t, db) => {
  const site = await labSite(t, db, wireApp)
  await addUser(site, ANN, [], {
    new_password: PASSWORD,
    first_name: 'Ann;',
    last_name: 'Ö\r\nSet-Cookie: x=1',
  })
  await addUser(site, 'web@test.example', [], { new_password: PASSWORD, user_type: 'Website User' })
  const served = await serve(t, site)
  const whoAmI = async (client: Client): Promise<unknown> => {
    const { status, body } = await client.get('/api/method/frappe.auth.get_logged_user')
    return status === 200 ? body.message : undefined
  }
  const tokenOf = async (client: Client): Promise<string> => {
    const boot = /<script type="application\/json" id="boot">(.*?)<\/script>/s.exec(
      (await client.page('/desk')).text,
    )
    return (JSON.parse(boot?.[1] ?? '{}') as { csrf_token: string }).csrf_token
  }
  const login = (client: Client, usr: unknown, pwd: unknown) => client.post('/api/method/login', { usr, pwd })

  await t.test('login: message, home page, name; five cookies, one of them hidden', async (t) => {
    const client = served.client()
    const answer = await login(client, ANN.toUpperCase(), PASSWORD)
    t.match(answer.body, { message: 'Logged In', home_page: '/desk', full_name: /^Ann; Ö/ })
    t.same(
      answer.cookies.map((line) => line.split('=')[0]),
      COOKIES,
    )
    for (const line of answer.cookies) {
      t.match(line, /SameSite=Lax/)
      t.match(line, /Path=\//)
      t.equal(line.includes('HttpOnly'), line.startsWith('sid='), line)
      t.notMatch(line, /\r|\n/)
    }
    t.match(answer.cookies[0], /Max-Age=604800/)
    t.equal(await whoAmI(client), ANN)
    const form = new FormData()
    for (const [name, value] of [
      ['usr', ANN],
      ['pwd', PASSWORD],
    ] as const)
      form.append(name, value)
    const byForm = await served.client().request('POST', '/api/method/login', { body: form })
    t.match(byForm.body, { message: 'Logged In' }, 'by multipart/form-data, too')
    const stored = await site.database.reader('tabSessions').pluck<string[]>('sid')
    const sid = client.jar.get('sid') ?? ''
    t.notOk(stored.includes(sid), 'the database does not hold what the cookie holds')
    t.ok(stored.includes(hashSid(sid)))
    const web = await login(served.client(), 'web@test.example', PASSWORD)
    t.match(web.body, { message: 'No App' })
  })

  await t.test('a login that fails says so, the same for every reason, and leaves no session', async (t) => {
    await addUser(site, 'off@test.example', [], { new_password: PASSWORD, enabled: 0 })
    const tries: [unknown, unknown][] = [
      [ANN, 'wrong'],
      ['nobody@test.example', PASSWORD],
      ['off@test.example', PASSWORD],
      ['Guest', ''],
      ['', ''],
      [ANN, ''],
      [[ANN], PASSWORD],
      [ANN, { $ne: null }],
      ["' or '1'='1", PASSWORD],
      ['\ud800', '\ud800'],
    ]
    const before = (await site.database.reader('tabSessions').pluck('sid')).length
    for (const [usr, pwd] of tries) {
      const client = served.client()
      const answer = await login(client, usr, pwd)
      t.equal(answer.status, 401, JSON.stringify([usr, pwd]))
      t.match(answer.body, { message: 'Invalid login credentials', exc_type: 'AuthenticationError' })
      t.equal(client.jar.size, 0)
      t.equal(answer.cookies.length, 5)
    }
    t.equal((await site.database.reader('tabSessions').pluck('sid')).length, before)
  })

  await t.test('CSRF: free before a page was rendered, needed after', async (t) => {
    const client = await served.login(ANN, PASSWORD)
    const write = (name: string) => client.post('/api/method/lab.write', { name })
    t.equal((await write('before')).status, 200)
    const [token, twin] = await Promise.all([tokenOf(client), tokenOf(client)])
    t.match(token, /^[0-9a-f]{56}$/)
    t.equal(twin, token, 'pages that load together get one token')
    const refused = await write('after')
    t.match([refused.status, refused.body.exc_type], [400, 'CSRFTokenError'])
    for (const wrong of ['', 'x', 'é'.repeat(28), 'f'.repeat(56)]) {
      const answer = await client.post('/api/method/lab.write', { name: 'x', csrf_token: wrong })
      t.equal(answer.status, 400, wrong)
    }
    t.equal((await client.delete('/api/resource/Label/before')).status, 400)
    t.equal((await client.put('/api/resource/Label/before', {})).status, 400)
    t.equal((await client.post('/api/method/logout')).status, 400)
    t.equal(await whoAmI(client), ANN, 'reading needs none')
    t.equal((await client.post('/api/method/lab.write', { name: 'by arg', csrf_token: token })).status, 200)
    client.csrf = token
    t.equal((await write('by header')).status, 200)
    t.notOk(await site.database.reader('tabLabel').where({ name: 'after' }).first('name'))
    const other = await served.login(ANN, PASSWORD)
    await tokenOf(other)
    other.csrf = token
    t.equal((await other.post('/api/method/lab.write', { name: 'y' })).status, 400, 'another session’s token')
  })

  await t.test('logout ends the session and the cookies', async (t) => {
    const client = await served.login(ANN, PASSWORD)
    const { cookie } = client
    const answer = await client.post('/api/method/logout')
    t.same([answer.status, answer.body], [200, {}])
    t.same(
      answer.cookies.map((line) => line.split('=')[0]),
      COOKIES,
    )
    t.ok(answer.cookies.every((line) => line.includes('Expires=Thu, 01 Jan 1970')))
    const late = await served.client().get('/api/method/ping', { Cookie: cookie })
    t.same(late.body, { message: 'pong', session_expired: 1 })
    t.equal(
      (await served.client().get('/api/method/frappe.auth.get_logged_user', { Cookie: cookie })).status,
      403,
    )
    t.equal((await served.client().post('/api/method/logout')).status, 200, 'a guest may, too')
  })

  await t.test('a session that was not used for its days has ended', async (t) => {
    const client = await served.login(ANN, PASSWORD)
    const id = hashSid(client.jar.get('sid') ?? '')
    const age = async (days: number): Promise<void> => {
      const lastupdate = site.clock.at(Date.now() - days * 86_400_000)
      await site.database.transaction((tx) => tx('tabSessions').where({ sid: id }).update({ lastupdate }))
      // The test is faster than a remembered login gets old.
      site.logins.forget()
    }
    await age(6.9)
    t.equal(await whoAmI(client), ANN)
    const { lastupdate } = await site.database
      .reader('tabSessions')
      .where({ sid: id })
      .first<{ lastupdate: string }>('lastupdate')
    t.ok(lastupdate > site.clock.at(Date.now() - 60_000), 'use prolongs it')
    await age(7.1)
    t.equal((await client.page('/desk')).headers.get('location'), '/login?redirect-to=%2Fdesk')
    t.equal(await whoAmI(client), undefined)
  })

  await t.test('a disabled user, and one whose password changed, are out', async (t) => {
    const change = (values: Record<string, unknown>): Promise<unknown> =>
      site.asAdministrator(async (ctx) => {
        const doc = await ctx.getDoc('User', ANN)
        for (const [key, value] of Object.entries(values)) doc.set(key, value)
        await doc.save()
      })
    const client = await served.login(ANN, PASSWORD)
    await change({ enabled: 0 })
    t.equal(await whoAmI(client), undefined)
    await change({ enabled: 1 })
    t.equal(await whoAmI(client), undefined, 'and not in again by being enabled')
    const second = await served.login(ANN, PASSWORD)
    await change({ new_password: 'another one' })
    t.equal(await whoAmI(second), undefined)
    t.equal((await login(served.client(), ANN, PASSWORD)).status, 401)
    t.equal((await login(served.client(), ANN, 'another one')).status, 200)
  })

  await t.test('an Authorization header that names nobody is refused, on guest methods too', async (t) => {
    for (const header of ['token a:b', 'Basic YTpi', 'Bearer x', 'garbage']) {
      const answer = await served.client().get('/api/method/ping', { Authorization: header })
      t.match([answer.status, answer.body.exc_type], [401, 'AuthenticationError'], header)
    }
  })

  await t.test('sid as others may send it', async (t) => {
    for (const sid of ['Guest', '', 'x'.repeat(5000), "'; drop table tabSessions", '%00%ff']) {
      const answer = await served.client().get('/api/method/ping', { Cookie: `sid=${sid}` })
      t.equal(answer.body.message, 'pong', sid.slice(0, 20))
    }
    t.equal((await login(served.client(), 'Administrator', ADMIN_PASSWORD)).status, 200)
  })
})
