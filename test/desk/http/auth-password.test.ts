import t from 'tap'
import { readSecretText } from '../../../desk/mail/secret-text.ts'
import { siteUrl } from '../../../desk/site/site-url.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, addUser, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { openSocket, serve, type Answer, type Client } from '../../support/server.ts'

const ANN = 'ann@test.example'
const BEN = 'ben@test.example'
const NEW = 'correct horse staple'
const USER = '/api/method/frappe.core.doctype.user.user'
const WHO = '/api/method/frappe.auth.get_logged_user'

await eachDatabase(t, 'passwords', async (t, db) => {
  const site = await labSite(t, db, wireApp, { config: { host_name: 'https://desk.example/' } })
  for (const email of [ANN, BEN, 'off@test.example']) {
    await addUser(site, email, [], { new_password: PASSWORD, last_name: 'Kowalski' })
  }
  await site.asAdministrator((ctx) =>
    ctx.db('tabUser').where({ name: 'off@test.example' }).update({ enabled: 0 }),
  )
  site.start()
  const served = await serve(t, site)
  const reset = (user: string, headers: Record<string, string> = {}): Promise<Answer> =>
    served.client().request('POST', `${USER}.reset_password`, {
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify({ user }),
    })
  const update = (client: Client, args: Record<string, unknown>): Promise<Answer> =>
    client.post(`${USER}.update_password`, args)
  const login = async (usr: string, pwd: string): Promise<number> =>
    (await served.client().post('/api/method/login', { usr, pwd })).status
  const mails = (): Promise<{ text_content: string }[]> =>
    site.read({ user: 'Administrator' }, async (ctx) => {
      const names = await ctx.db('tabEmail Queue').orderBy('creation').pluck<string[]>('name')
      return await Promise.all(
        names.map(async (name) => ({ text_content: (await readSecretText(ctx, name))?.text ?? '' })),
      )
    })
  /** Waits until the background has done all that it was asked for. */
  const settled = async (): Promise<void> => {
    while ((await site.jobs.counts()).waiting + (await site.jobs.counts()).running > 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const linkTo = async (user: string): Promise<string> => {
    const before = (await mails()).length
    t.equal((await reset(user)).status, 200)
    let all = await mails()
    while (all.length === before) all = await mails()
    return /update-password\?key=([0-9a-f]{64})/.exec(all.at(-1)?.text_content ?? '')?.[1] ?? ''
  }

  await t.test('a forgotten password: the same answer for everybody, a mail for those who are', async (t) => {
    const answers = [
      await reset(ANN),
      await reset('nobody@test.example'),
      await reset('off@test.example'),
      await reset('Guest'),
    ]
    for (const { status, body } of answers) t.same([status, body], [200, answers[0]?.body])
    await settled()
    const sent = await mails()
    t.equal(sent.length, 1)
    t.match(sent[0]?.text_content, /https:\/\/desk\.example\/update-password\?key=[0-9a-f]{64}\n/)
    t.match(sent[0]?.text_content, /within 24 hours/)
    const admin = await served.login('Administrator', ADMIN_PASSWORD)
    const [queued] = (await admin.get('/api/resource/Email Queue')).body.data as { name: string }[]
    const shown = await admin.get(`/api/resource/Email Queue/${queued?.name ?? ''}`)
    t.match(shown.body.data, { sensitive: 1, recipients: [{ recipient: ANN }] })
    t.notMatch(shown.text, /key=/, 'who reads the queue does not come in by it')
    t.equal((await served.client().get(`${USER}.reset_password?user=${ANN}`)).status, 403, 'GET')
    const { body } = await served
      .client()
      .post('/', { cmd: 'frappe.core.doctype.user.user.reset_password', user: BEN })
    t.same(body, answers[0]?.body, 'as frappe-js-sdk asks')
  })

  await t.test('a link never leads to what a Host header said', (t) => {
    const named = { name: 'shop.localhost', config: {} }
    t.equal(siteUrl(site, 'http://evil.example'), 'https://desk.example')
    t.equal(siteUrl({ name: 'a', config: { host_name: 'desk.example' } }), 'https://desk.example')
    t.equal(siteUrl(named), 'http://shop.localhost')
    t.equal(siteUrl(named, 'http://shop.localhost:8000'), 'http://shop.localhost:8000')
    t.end()
  })

  await t.test('the link sets a new password once, and logs out whoever was in', async (t) => {
    const inside = await served.login(BEN, PASSWORD)
    const socket = openSocket(t, served, { cookie: inside.cookie })
    await socket.event('ready')
    const key = await linkTo(BEN)
    const stored = await site.database
      .reader('tabUser')
      .whereNotNull('reset_password_key')
      .pluck<string[]>('reset_password_key')
    t.notOk(stored.includes(key), 'the database keeps a digest')
    const guest = served.client()
    t.equal((await guest.page(`/update-password?key=${key}`)).status, 200)
    const done = await update(guest, { key, new_password: NEW })
    t.same([done.status, done.body.message], [200, '/login'])
    t.equal((await socket.closed).code, 4401)
    t.equal((await inside.get(WHO)).status, 403)
    t.same([await login(BEN, PASSWORD), await login(BEN, NEW)], [401, 200])
    const again = await update(guest, { key, new_password: 'another horse' })
    t.match([again.status, again.body.exc_type], [410, 'LinkExpired'])
    t.equal(await login(BEN, NEW), 200)
  })

  await t.test('links that count no more, or never did', async (t) => {
    const expired = async (key: string): Promise<void> => {
      const answer = await update(served.client(), { key, new_password: NEW })
      t.match([answer.status, answer.body.exc_type], [410, 'LinkExpired'], key.slice(0, 8))
    }
    const first = await linkTo(ANN)
    const second = await linkTo(ANN)
    await expired(first)
    await site.asAdministrator((ctx) =>
      ctx
        .db('tabUser')
        .where({ name: ANN })
        .update({ last_reset_password_key_generated_on: site.clock.at(Date.now() - 25 * 3_600_000) }),
    )
    await expired(second)
    for (const key of [
      'x',
      "' or '1'='1",
      '0'.repeat(64),
      (await site.database.reader('tabUser').where({ name: ANN }).pluck<string[]>('reset_password_key'))[0] ??
        '',
    ]) {
      await expired(key)
    }
    const third = await linkTo(ANN)
    await site.asAdministrator(async (ctx) => {
      const doc = await ctx.getDoc('User', ANN)
      doc.set('new_password', PASSWORD)
      await doc.save()
    })
    await expired(third)
  })

  await t.test('with the present password: this session stays, the others end', async (t) => {
    const [mine, other] = [await served.login(ANN, PASSWORD), await served.login(ANN, PASSWORD)]
    t.equal(
      (await update(served.client(), { old_password: PASSWORD, new_password: NEW })).status,
      403,
      'a guest',
    )
    t.equal((await update(mine, { new_password: NEW })).status, 401)
    t.equal((await update(mine, { old_password: 'wrong', new_password: NEW })).status, 401)
    t.equal((await mine.get(WHO)).status, 200)
    const done = await update(mine, { old_password: PASSWORD, new_password: NEW })
    t.same([done.status, done.body.message], [200, '/desk'])
    t.equal((await mine.get(WHO)).status, 200)
    t.equal((await other.get(WHO)).status, 403)
    t.same([await login(ANN, PASSWORD), await login(ANN, NEW)], [401, 200])
  })

  await t.test('passwords that are too easy to guess say why', async (t) => {
    const mine = await served.login(ANN, NEW)
    const weak = [
      '',
      'short',
      '        ',
      'aaaaaaaaaaaa',
      'kowalski',
      'Kowalski1',
      ANN,
      'ann@test.EXAMPLE!',
      'x'.repeat(600),
    ]
    for (const new_password of weak) {
      const answer = await update(mine, { old_password: NEW, new_password })
      t.equal(answer.status, 417, new_password.slice(0, 20))
      t.match(answer.body.message.error.message, /Choose a password|Missing/)
    }
    t.equal(await login(ANN, NEW), 200)
    t.equal((await update(mine, { old_password: NEW, new_password: '<b>Größe & 密码</b>' })).status, 200)
    t.equal(await login(ANN, '<b>Größe & 密码</b>'), 200, 'as it was typed')
  })

  await t.test('the pages: for guests with a key, for others with a session', async (t) => {
    const guest = served.client()
    t.match((await guest.page('/forgot-password')).text, /Send link/)
    t.match((await guest.page('/login')).text, /href="\/forgot-password"/)
    t.equal((await guest.page('/update-password')).headers.get('location'), '/login')
    const withKey = await guest.page('/update-password?key="><script>alert(1)</script>')
    t.notMatch(withKey.text, /<script>alert|old-password/)
    const admin = await served.login('Administrator', ADMIN_PASSWORD)
    t.match((await admin.page('/update-password')).text, /id="old-password"[\s\S]*"csrf_token"/)
  })

  await t.test('asking for links has its limit', async (t) => {
    let answer: Answer
    do answer = await reset(BEN)
    while (answer.status === 200)
    t.match([answer.status, answer.body.exc_type], [417, 'RateLimitExceededError'])
    await settled()
  })
})
