import { createHash } from 'node:crypto'
import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { openSocket, serve, type Answer } from '../../support/server.ts'

const ANN = 'ann@test.example'
const BEN = 'ben@test.example'
const WHO = '/api/method/frappe.auth.get_logged_user'
const GENERATE = '/api/method/frappe.core.doctype.user.user.generate_keys'

await eachDatabase(t, 'API keys', async (t, db) => {
  const site = await labSite(t, db, {
    ...wireApp,
    auth_hooks: ({ headers }) => {
      const named = headers['x-badge']
      return typeof named === 'string' ? named : undefined
    },
  })
  await addUser(site, ANN, ['System Manager'], { new_password: PASSWORD })
  await addUser(site, BEN, [], { new_password: PASSWORD })
  const served = await serve(t, site)
  const ann = await served.login(ANN, PASSWORD)
  const ben = await served.login(BEN, PASSWORD)
  const keysOf = async (user: string, by = ann): Promise<{ key: string; secret: string }> => {
    const { body } = await by.post(GENERATE, { user })
    return { key: body.message.api_key as string, secret: body.message.api_secret as string }
  }
  const as = (authorization: string, path = WHO): Promise<Answer> =>
    served.client().get(path, { Authorization: authorization })
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
  const change = (user: string, values: Record<string, unknown>): Promise<unknown> =>
    site.asAdministrator(async (ctx) => {
      const doc = await ctx.getDoc('User', user)
      for (const [name, value] of Object.entries(values)) doc.set(name, value)
      await doc.save()
    })

  await t.test('for oneself, or by a System Manager; never for Administrator by another', async (t) => {
    t.match(await keysOf(BEN, ben), { key: /^[0-9a-f]{16}$/, secret: /^[0-9a-f]{40}$/ })
    t.equal((await ann.post(GENERATE, { user: BEN })).status, 200)
    t.equal((await ben.post(GENERATE, { user: ANN })).status, 403)
    t.equal((await ann.post(GENERATE, { user: 'Administrator' })).status, 403)
    t.equal((await ann.post(GENERATE, { user: 'Guest' })).status, 404)
    for (const user of ['administrator', 'ADMINISTRATOR', 'Administrator ', 'Ádministrator', 'guest'])
      t.equal(
        (await ann.post(GENERATE, { user })).status,
        404,
        `"${user}" is nobody, whatever a SELECT finds`,
      )
    t.equal((await ann.post(GENERATE, { user: 'nobody@test.example' })).status, 404)
    t.equal((await served.client().post(GENERATE, { user: ANN })).status, 403, 'a guest')
    t.equal((await ann.get(`${GENERATE}?user=${ANN}`)).status, 403, 'GET')
  })

  await t.test('token and Basic, in any case of the scheme', async (t) => {
    const { key, secret } = await keysOf(BEN)
    for (const header of [`token ${key}:${secret}`, `Token ${key}:${secret}`, basic(`${key}:${secret}`)]) {
      const answer = await as(header)
      t.same([answer.status, answer.body], [200, { message: BEN }], header.slice(0, 6))
      t.same(answer.cookies, [], 'a key makes no session')
    }
  })

  await t.test('what names nobody is 401, on methods for guests too', async (t) => {
    const { key, secret } = await keysOf(BEN)
    const wrong = [
      'token a:b',
      `token ${key}:`,
      `token ${key}`,
      `token :${secret}`,
      `token ${key}:${secret}x`,
      `token ${key}:${secret}:x`,
      `token ${secret}:${key}`,
      `token ${key.toUpperCase()}:${secret}`,
      `token ${key}:${secret.toUpperCase()}`,
      basic(`${BEN}:${PASSWORD}`),
      'Basic ????',
      'Basic',
      'Bearer x',
      'garbage',
      `token ' or '1'='1:x`,
      `token ${'x'.repeat(4000)}:y`,
    ]
    for (const header of wrong) {
      const answer = await as(header, '/api/method/ping')
      t.match([answer.status, answer.body.exc_type], [401, 'AuthenticationError'], header.slice(0, 40))
      t.notMatch(answer.text, secret)
    }
    t.match((await as('Bearer x')).body.message.error.message, /no bearer tokens/)
    t.equal((await as(`token ${key}:${secret}`, '/api/resource/Label')).status, 403, 'a role is still needed')
  })

  await t.test('the database keeps a digest; documents show no secret', async (t) => {
    const { key, secret } = await keysOf(BEN)
    const stored = await site.database.reader('__Auth').pluck<string[]>('password')
    t.notOk(stored.some((text) => text.includes(secret)))
    const shown = await ann.get(`/api/resource/User/${BEN}`)
    t.equal(shown.body.data.api_key, key)
    t.notMatch(shown.text, secret)
  })

  await t.test('CSRF: a token alone needs none; with a live session it is asked for', async (t) => {
    const { key, secret } = await keysOf(ANN)
    const write = (name: string, cookie?: string): Promise<Answer> =>
      served.client().request('POST', '/api/method/lab.write', {
        headers: {
          'Content-Type': 'application/json',
          Authorization: `token ${key}:${secret}`,
          ...(cookie ? { Cookie: cookie } : {}),
        },
        body: JSON.stringify({ name }),
      })
    t.equal((await write('by token')).status, 200)
    const fresh = await served.login(BEN, PASSWORD)
    t.equal((await write('with a session', fresh.cookie)).status, 200)
    await fresh.page('/desk')
    t.match((await write('with a page', fresh.cookie)).body, { exc_type: 'CSRFTokenError' })
    const mixed = await served.client().get(WHO, {
      Authorization: `token ${key}:${secret}`,
      Cookie: fresh.cookie,
    })
    t.same(mixed.body, { message: ANN }, 'the header wins over the cookie')
  })

  await t.test('revoked, replaced or disabled, it is refused at once, and its sockets close', async (t) => {
    const { key, secret } = await keysOf(BEN)
    const authorization = `token ${key}:${secret}`
    const open = () => openSocket(t, served, { origin: undefined, headers: { Authorization: authorization } })
    const [socket, cookieSocket] = [open(), openSocket(t, served, { cookie: ben.cookie })]
    t.equal((await socket.event('ready')).message.user, BEN)
    await cookieSocket.event('ready')
    t.match(await socket.call('lab.private'), { message: BEN })
    await change(BEN, { api_key: '' })
    t.equal((await socket.closed).code, 4401)
    t.equal((await as(authorization)).status, 401)
    t.equal((await open().closed).code, 4401)
    t.match(await cookieSocket.call('lab.private'), { message: BEN }, 'a session stays')

    const second = await keysOf(BEN)
    t.not(second.key, key)
    const third = await keysOf(BEN)
    t.equal(third.key, second.key)
    t.equal((await as(`token ${second.key}:${second.secret}`)).status, 401, 'a new secret ends the old one')
    t.equal((await as(`token ${third.key}:${third.secret}`)).status, 200)
    await change(BEN, { enabled: 0 })
    t.equal((await as(`token ${third.key}:${third.secret}`)).status, 401)
    await change(BEN, { enabled: 1 })
  })

  await t.test('a key of one’s choice cannot be set, nor a secret', async (t) => {
    const answer = await ann.put(`/api/resource/User/${ANN}`, { api_key: 'mine', api_secret: 'mine' })
    t.not(answer.status, 500)
    t.equal((await as('token mine:mine')).status, 401)
  })

  await t.test(
    'nor a link for a new password; and Administrator is changed by Administrator alone',
    async (t) => {
      const digest = createHash('sha256').update('mine').digest('hex')
      const planted = { reset_password_key: digest, last_reset_password_key_generated_on: site.clock.now() }
      t.equal((await ann.put(`/api/resource/User/${BEN}`, planted)).status, 200)
      const used = await served.client().post('/api/method/frappe.core.doctype.user.user.update_password', {
        key: 'mine',
        new_password: 'a new password',
      })
      t.equal(used.status, 410)
      for (const values of [planted, { new_password: 'mine' }, { first_name: 'Ann' }]) {
        t.equal((await ann.put('/api/resource/User/Administrator', values)).status, 403)
      }
    },
  )

  await t.test('apps may know other ways', async (t) => {
    const badge = (user: string) => served.client().get(WHO, { 'X-Badge': user })
    t.same((await badge(BEN)).body, { message: BEN })
    for (const user of ['nobody@test.example', BEN.toUpperCase(), 'bén@test.example', 'administrator'])
      t.equal((await badge(user)).status, 403, user)
    const both = await served.client().get(WHO, { 'X-Badge': BEN, Authorization: 'Badge x' })
    t.same(both.body, { message: BEN }, 'also for a scheme that desk does not know')
  })
})
