import { existsSync, readdirSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import path from 'node:path'
import t from 'tap'
import { deskRoot } from '../../../desk/site/desk-root.ts'
import { createDatabase } from '../../../desk/db/index.ts'
import { ADMIN_PASSWORD, addUser, labSiteOn, PASSWORD } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { serve } from '../../support/server.ts'

const folder = t.testdir({})
const database = createDatabase({ db_type: 'sqlite', db_name: path.join(folder, 'site.db') })
const site = await labSiteOn(t, database, wireApp)
await addUser(site, 'web@test.example', [], { new_password: PASSWORD, user_type: 'Website User' })
const served = await serve(t, site)
const admin = await served.login('Administrator', ADMIN_PASSWORD)
const guest = served.client()

/** A request whose path goes out as it is: fetch would tidy it up. */
const raw = (
  target: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; location: string | undefined; body: string }> =>
  new Promise((resolve, reject) => {
    const [host, port] = served.host.split(':')
    const sent = httpRequest(
      { host, port, path: target, headers: { Accept: 'text/html', ...headers } },
      (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => (body += chunk.toString()))
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, location: response.headers.location, body })
        })
      },
    )
    sent.on('error', reject)
    sent.end()
  })

t.test('every answer carries the headers that protect a page', async (t) => {
  for (const where of ['/login', '/desk', '/api/method/ping', '/no/such', '/healthz']) {
    const { headers } = await admin.get(where, { Accept: 'text/html' })
    const policy = headers.get('content-security-policy') ?? ''
    t.match(policy, /default-src 'self'/, where)
    t.notMatch(policy, /unsafe/)
    t.match(policy, /frame-ancestors 'self'/)
    t.equal(headers.get('x-content-type-options'), 'nosniff')
    t.match(headers.get('referrer-policy'), /no-referrer/)
    t.notOk(headers.get('x-powered-by'))
  }
})

t.test('pages are not cached, and hold no script of their own', async (t) => {
  for (const [client, where] of [
    [guest, '/login'],
    [admin, '/desk'],
    [admin, '/desk/user/Administrator'],
  ] as const) {
    const answer = await client.page(where)
    t.equal(answer.status, 200)
    t.equal(answer.headers.get('cache-control'), 'no-store')
    for (const [tag] of answer.text.matchAll(/<script[^>]*>/g))
      t.match(tag, /src="\/assets\/|type="application\/json"/)
    t.notMatch(answer.text, /<[^>]+ (style|on\w+)="/)
  }
})

t.test('the boot data of a page cannot end its element', async (t) => {
  const client = await served.login('Administrator', ADMIN_PASSWORD)
  await site.asAdministrator((ctx) =>
    ctx.db('tabUser').where({ name: 'Administrator' }).update({ full_name: '</script><b>&"\u2028' }),
  )
  const { text } = await client.page('/desk')
  const boot = /<script type="application\/json" id="boot">(.*?)<\/script>/s.exec(text)?.[1] ?? ''
  const { user, csrf_token } = JSON.parse(boot) as { user: { full_name: string }; csrf_token: string }
  t.equal(user.full_name, '</script><b>&"\u2028')
  t.match(csrf_token, /^[0-9a-f]{56}$/)
  t.notMatch(text, '</script><b>')
})

t.test('who goes where', async (t) => {
  const location = async (client: typeof guest, where: string): Promise<string | null> =>
    (await client.page(where)).headers.get('location')
  t.equal(await location(guest, '/'), '/desk')
  t.equal(await location(guest, '/desk/user?x=1&y=2'), '/login?redirect-to=%2Fdesk%2Fuser%3Fx%3D1%26y%3D2')
  t.equal(await location(guest, '/app'), '/desk')
  t.equal(await location(guest, '/app/user/A%2FB?x=1'), '/desk/user/A%2FB?x=1')
  t.equal(await location(admin, '/login'), '/desk')
  t.equal(await location(admin, '/login?redirect-to=/desk/user'), '/desk/user')
  const web = await served.login('web@test.example', PASSWORD)
  const refused = await web.page('/desk')
  t.equal(refused.status, 403)
  t.match(refused.text, /not one for the desk/)
})

t.test('redirect-to leads nowhere else', async (t) => {
  const evil = [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '/%0d%0aSet-Cookie:x=1',
    '/desk\r\nSet-Cookie: x=1',
    'desk',
    ' //evil.example',
    '/api/method/logout',
    '/login?redirect-to=//evil.example',
  ]
  for (const target of evil) {
    const query = `/login?redirect-to=${encodeURIComponent(target)}`
    const answer = await admin.page(query)
    const to = new URL(answer.headers.get('location') ?? '', served.url)
    t.equal(to.origin, served.url, target)
    t.same(answer.cookies, [])
    const shown = (await guest.page(query)).text
    t.notMatch(shown, /data-redirect-to="(?!\/(desk|%0d))/, target)
  }
  const twice = await admin.page('/login?redirect-to=/a&redirect-to=//evil.example')
  t.ok(twice.status < 500)
})

t.test('paths that try to lead away', async (t) => {
  for (const target of [
    '/app/../..//evil.example',
    '//evil.example/app',
    '/app//evil.example',
    '/app%2f%2fevil',
    '/appx',
  ]) {
    const answer = await raw(target)
    const to = new URL(answer.location ?? '/', served.url)
    t.equal(to.origin, served.url, `${target} → ${String(answer.location)}`)
  }
})

t.test(
  'assets: typed, revalidated, for ever where the name holds the hash',
  { skip: !existsSync(path.join(deskRoot, 'public', 'dist', 'desk.js')) && 'not built' },
  async (t) => {
    const entry = await guest.get('/assets/desk/desk.js?v=1')
    t.equal(entry.status, 200)
    t.match(entry.headers.get('content-type'), 'javascript')
    t.equal(entry.headers.get('cache-control'), 'no-cache')
    const etag = entry.headers.get('etag') ?? ''
    t.equal((await raw('/assets/desk/desk.js', { 'If-None-Match': etag })).status, 304)
    const hashed = readdirSync(path.join(deskRoot, 'public', 'dist')).find((name) =>
      /-[A-Z0-9]{8}\.\w+$/.test(name),
    )
    t.ok(hashed)
    t.match((await guest.get(`/assets/desk/${hashed ?? ''}`)).headers.get('cache-control'), 'immutable')
    t.match((await guest.get('/assets/desk/tokens.css')).headers.get('content-type'), 'text/css')
  },
)

t.test('assets: nothing but what was built', async (t) => {
  const tries = [
    '/assets/desk/../../package.json',
    '/assets/desk/..%2f..%2fpackage.json',
    '/assets/desk/%2e%2e/%2e%2e/package.json',
    '/assets/desk/..\\..\\package.json',
    '/assets/desk//etc/passwd',
    '/assets/desk/%00',
    '/assets/desk/',
    '/assets/desk/.',
    '/assets/lab/x.js',
    '/assets/nosuch/x.js',
    '/assets/../package.json',
    '/sites/lab.test/site_config.json',
  ]
  for (const target of tries) {
    const { status, body } = await raw(target)
    t.ok(status >= 400 && status < 500, `${target} ${String(status)}`)
    t.notMatch(body, /"dependencies"|root:/)
  }
})
