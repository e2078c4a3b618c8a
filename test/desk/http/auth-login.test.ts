import t from 'tap'
import type { Context } from '../../../desk/context.ts'
import { assignValues } from '../../../desk/document/load.ts'
import { PermissionError } from '../../../desk/errors.ts'
import { hashSid } from '../../../desk/site/sessions.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, labSite, PASSWORD, refusal } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { openSocket, serve, type Answer } from '../../support/server.ts'

const ANN = 'ann@test.example'
const BEN = 'ben@test.example'
const WHO = '/api/method/frappe.auth.get_logged_user'

await eachDatabase(t, 'logging in', async (t, db) => {
  const said: string[] = []
  const note = (what: string) => (ctx: Context) => void said.push(`${what} ${ctx.user}`)
  const site = await labSite(
    t,
    db,
    {
      ...wireApp,
      on_login: [
        note('in'),
        (ctx) => {
          if (ctx.user.startsWith('barred')) throw new PermissionError('Not on Sundays.')
        },
      ],
      on_session_creation: note('session'),
      on_logout: note('out'),
    },
    {
      config: {
        allow_consecutive_login_attempts: 3,
        allow_login_using_user_name: 1,
        allow_login_using_mobile_number: 1,
      },
    },
  )
  for (const email of [ANN, BEN, 'barred@test.example'])
    await addUser(site, email, [], { new_password: PASSWORD })
  await addUser(site, 'cleo@test.example', [], {
    new_password: PASSWORD,
    username: 'Cleo',
    mobile_no: '+49 151 / 123',
  })
  const served = await serve(t, site)
  const login = (usr: string, pwd = PASSWORD, rest = {}): Promise<Answer> =>
    served.client().post('/api/method/login', { usr, pwd, ...rest })
  /** As after the minute in which tries count; that counters end by themselves is proved of them. */
  const aMinuteLater = async (usr: string): Promise<void> => {
    for (const key of [`login:${usr}:127.0.0.1`, `login:${usr}`, 'login-from:127.0.0.1'])
      await site.limits.clear(key)
  }

  await t.test(
    'too many tries: 429 with Retry-After, also for the right password, and for nobody alike',
    async (t) => {
      for (const usr of [BEN, 'nobody@test.example']) {
        await aMinuteLater(usr)
        const tries = [
          await login(usr, 'wrong'),
          await login(usr.toUpperCase(), 'wrong'),
          await login(usr, 'wrong'),
        ]
        t.same(
          tries.map(({ status }) => status),
          [401, 401, 401],
        )
        const locked = await login(usr)
        t.equal(locked.status, 429, usr)
        t.match(locked.body, { exc_type: 'TooManyRequestsError', message: /Too many tries/ })
        t.match(locked.headers.get('retry-after'), /^[1-9]\d*$/)
      }
      t.equal((await login(ANN)).status, 200, 'others may')
      await aMinuteLater(BEN)
      t.equal((await login(BEN)).status, 200, 'and later again')
    },
  )

  await t.test('many at once are no way around', async (t) => {
    await aMinuteLater(BEN)
    const tries = await Promise.all(Array.from({ length: 12 }, () => login(BEN, 'wrong')))
    t.equal(tries.filter(({ status }) => status === 401).length, 3)
    await aMinuteLater(BEN)
  })

  await t.test('one address alone locks nobody out for all others', async (t) => {
    await aMinuteLater(BEN)
    for (let tries = 0; tries < 20; tries++) await login(BEN, 'wrong')
    const { used } = await site.limits.add(`login:${BEN}`, 0, 60)
    t.equal(used, 3, 'what was refused for its address counts for nobody')
    await aMinuteLater(BEN)
  })

  await t.test('by username or mobile number, where the site allows it', async (t) => {
    for (const usr of ['cleo', 'CLEO', '+49151123']) {
      t.match((await login(usr)).body, { message: 'Logged In' }, usr)
    }
    t.equal((await login('ann')).status, 401)
    await site.asAdministrator(async (ctx) => {
      await t.rejects(
        ctx.insert('User', { email: 'x@test.example', first_name: 'X', username: ANN }),
        refusal(417, 'ValidationError', /username/),
      )
    })
  })

  await t.test('what a login leaves: when, from where, by what', async (t) => {
    const client = served.client()
    await client.post('/api/method/login', { usr: ANN, pwd: PASSWORD, device: 'mobile' })
    const row = await site.database
      .reader('tabUser')
      .where({ name: ANN })
      .first<{ last_login: string; last_ip: string }>('last_login', 'last_ip')
    t.ok(row.last_login > site.clock.at(Date.now() - 60_000))
    t.equal(row.last_ip, '127.0.0.1')
    const session = await site.database
      .reader('tabSessions')
      .where({ sid: hashSid(client.jar.get('sid') ?? '') })
      .first<{ sessiondata: string }>('sessiondata')
    t.same(JSON.parse(session.sessiondata), { device: 'mobile' })
    await client.page('/desk')
    t.equal((await client.get(WHO)).status, 200)
  })

  await t.test('hooks hear of it, and may refuse', async (t) => {
    said.length = 0
    const client = await served.login(ANN, PASSWORD)
    await client.post('/api/method/logout')
    t.same(said, [`in ${ANN}`, `session ${ANN}`, `out ${ANN}`])
    const before = (await site.database.reader('tabSessions').pluck('sid')).length
    const refused = await login('barred@test.example')
    t.match([refused.status, refused.text], [403, /Not on Sundays/])
    t.same(
      refused.cookies.filter((line) => !line.includes('=;') && !line.includes('Guest')),
      [],
    )
    t.equal((await site.database.reader('tabSessions').pluck('sid')).length, before)
  })

  await t.test('a foreign page cannot log its visitor in', async (t) => {
    const from = (site: string, origin: string): Promise<Answer> =>
      served.client().request('POST', '/api/method/login', {
        body: new URLSearchParams({ usr: ANN, pwd: PASSWORD }),
        headers: { 'Sec-Fetch-Site': site, Origin: origin },
      })
    t.equal((await from('cross-site', 'https://evil.example')).status, 403)
    t.equal((await from('same-site', 'https://neighbour.test.example')).status, 403)
    t.equal((await from('same-origin', served.url)).status, 200)
    const old = await served.client().request('POST', '/api/method/login', {
      body: new URLSearchParams({ usr: ANN, pwd: PASSWORD }),
      headers: { Origin: 'https://evil.example' },
    })
    t.equal(old.status, 403, 'an old browser')
  })

  await t.test('a foreign page cannot log its visitor out', async (t) => {
    const client = await served.login(ANN, PASSWORD)
    const linked = await client.get('/api/method/ping?sid=of-nobody')
    t.same([linked.body, linked.cookies], [{ message: 'pong', session_expired: 1 }, []], 'by a link')
    const posted = await served.client().request('POST', '/api/method/ping', {
      body: new URLSearchParams(),
      headers: { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
    })
    t.same([posted.status, posted.cookies], [200, []], 'by a form, which browsers send without the cookies')
  })

  await t.test('sid as an argument: for API calls, and never made a cookie', async (t) => {
    const client = await served.login(ANN, PASSWORD)
    const sid = client.jar.get('sid') ?? ''
    const other = served.client()
    t.same((await other.get(`${WHO}?sid=${sid}`)).body, { message: ANN })
    const posted = await other.post(WHO, { sid })
    t.same(posted.body, { message: ANN })
    t.notMatch(posted.cookies.join(), sid)
    const page = await served.client().page(`/desk?sid=${sid}`)
    t.equal(page.status, 302, 'a link logs nobody in')
    await client.page('/desk')
    t.equal(
      (await other.post('/api/method/lab.write', { sid, name: 'x' })).status,
      400,
      'CSRF as with a cookie',
    )
  })

  await t.test('guests have cookies that say so', async (t) => {
    const client = served.client()
    await client.get('/api/method/ping')
    t.same(Object.fromEntries(client.jar), {
      sid: 'Guest',
      system_user: 'no',
      full_name: 'Guest',
      user_id: 'Guest',
    })
    t.same((await client.get('/api/method/ping')).cookies, [], 'once')
    t.same((await client.get('/api/method/ping')).body, { message: 'pong' })
  })

  await t.test('one sees and ends one’s own sessions alone', async (t) => {
    const [mine, phone, bens] = [
      await served.login(ANN, PASSWORD),
      await served.login(ANN, PASSWORD),
      await served.login(BEN, PASSWORD),
    ]
    const socket = openSocket(t, served, { cookie: phone.cookie })
    await socket.event('ready')
    const idOf = (client: typeof mine): string => hashSid(client.jar.get('sid') ?? '')
    const listed = (await mine.get('/api/method/desk.sessions')).body.message as {
      id: string
      current: boolean
    }[]
    t.ok(listed.some(({ id, current }) => id === idOf(mine) && current))
    t.ok(listed.some(({ id, current }) => id === idOf(phone) && !current))
    t.notOk(listed.some(({ id }) => id === idOf(bens)))
    for (const id of [idOf(bens), idOf(phone).toUpperCase()])
      t.equal((await mine.post('/api/method/desk.end_sessions', { id })).status, 404)
    t.equal((await mine.post('/api/method/desk.end_sessions', { id: idOf(phone) })).body.message, 1)
    t.equal((await socket.closed).code, 4401)
    t.equal((await phone.get(WHO)).status, 403)
    await mine.post('/api/method/desk.end_sessions')
    t.equal((await mine.get(WHO)).status, 200)
    t.equal((await bens.get(WHO)).status, 200)
    for (const method of ['desk.sessions', 'desk.end_sessions']) {
      t.equal((await served.client().post(`/api/method/${method}`)).status, 403, 'a guest')
    }
  })

  await t.test('a login is looked up once a second, and ended at once', async (t) => {
    const client = await served.login(ANN, PASSWORD)
    await client.get(WHO)
    const sent: string[] = []
    const stop = site.database.onQuery((sql) => sent.push(sql))
    for (let i = 0; i < 5; i++) t.equal((await client.get(WHO)).status, 200)
    stop()
    t.ok(sent.filter((sql) => sql.includes('tabSessions')).length <= 1, sent.join('\n'))
    await client.post('/api/method/logout')
    const late = await served.client().get(WHO, { Cookie: client.cookie })
    t.equal(late.status, 403)
  })

  await t.test('new roles and another user type open a user’s sockets anew', async (t) => {
    const client = await served.login(BEN, PASSWORD)
    const change = (values: Record<string, unknown>): Promise<unknown> =>
      site.asAdministrator(async (ctx) => {
        const doc = await ctx.getDoc('User', BEN)
        assignValues(doc, values)
        await doc.save()
      })
    for (const values of [{ roles: [{ role: 'System Manager' }] }, { user_type: 'Website User' }]) {
      const socket = openSocket(t, served, { cookie: client.cookie })
      await socket.event('ready')
      await change({ first_name: 'Benedict' })
      await change(values)
      t.equal((await socket.closed).code, 1012)
    }
    t.equal((await client.page('/desk')).status, 403, 'and count at once')
  })
})
