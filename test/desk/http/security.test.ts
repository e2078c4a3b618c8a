import { request as httpRequest } from 'node:http'
import path from 'node:path'
import { Type } from 'typebox'
import t, { type Test } from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'
import { PermissionError, ValidationError } from '../../../desk/errors.ts'
import { defineMethod } from '../../../desk/method.ts'
import type { SiteConfig } from '../../../desk/site/config.ts'
import { ADMIN_PASSWORD, addUser, labSiteOn, PASSWORD, type TestApp } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { openSocket, serve, type Served } from '../../support/server.ts'

const deep = Type.Object({ text: Type.String(), list: Type.Optional(Type.Array(Type.String())) })

const methods = [
  ...(wireApp.methods ?? []),
  defineMethod({
    name: 'lab.ip',
    allowGuest: true,
    input: Type.Object({}),
    handler: (_a, ctx) => ctx.identity.ip,
  }),
  defineMethod({ name: 'lab.clean', allowGuest: true, input: deep, handler: (args) => args }),
  defineMethod({ name: 'lab.raw', allowGuest: true, xssSafe: true, input: deep, handler: (args) => args }),
  defineMethod({
    name: 'lab.say',
    allowGuest: true,
    input: Type.Object({ then: Type.String({ default: '' }) }),
    handler({ then }, ctx) {
      ctx.msgprint('Saved <b>well</b>', { title: 'Good', indicator: 'green' })
      if (then === 'fail') throw new ValidationError('But not this.')
      return 'done'
    },
  }),
]

async function start(t: Test, config: SiteConfig = {}, app: TestApp = {}): Promise<Served> {
  const database = createDatabase({ db_type: 'sqlite', db_name: path.join(t.testdir({}), 'site.db') })
  const site = await labSiteOn(t, database, { ...wireApp, methods, ...app }, { config })
  await addUser(site, 'web@test.example', [], { new_password: PASSWORD, user_type: 'Website User' })
  return await serve(t, site)
}

const spoofed = {
  'X-Forwarded-For': '203.0.113.9, 198.51.100.7',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'evil.example',
}

t.test('headers that protect pages', async (t) => {
  const served = await start(t, { trust_proxy: true })
  const guest = served.client()
  for (const where of ['/login', '/forgot-password', '/api/method/ping', '/no/such', '/healthz']) {
    const { headers } = await guest.page(where)
    const policy = headers.get('content-security-policy') ?? ''
    t.match(policy, /default-src 'self'/, where)
    t.notMatch(policy, /unsafe|\*|https?:/)
    t.match(headers.get('permissions-policy'), /camera=\(self\).*microphone=\(self\).*geolocation=\(\)/)
    t.equal(headers.get('x-content-type-options'), 'nosniff')
    t.equal(headers.get('referrer-policy'), 'no-referrer')
    t.equal(headers.get('strict-transport-security'), null, 'not over http')
    const secure = await guest.get(where, { Accept: 'text/html', 'X-Forwarded-Proto': 'https' })
    t.match(secure.headers.get('strict-transport-security'), /max-age=31536000/)
  }
})

t.test('X-Forwarded-* counts as far as trust_proxy says', async (t) => {
  const seen = async (config: SiteConfig): Promise<[unknown, boolean]> => {
    const served = await start(t, config)
    const { body, headers } = await served.client().get('/api/method/lab.ip', spoofed)
    return [body.message, headers.has('strict-transport-security')]
  }
  t.same(await seen({}), ['127.0.0.1', false])
  t.same(await seen({ trust_proxy: 'false' }), ['127.0.0.1', false])
  t.same(await seen({ trust_proxy: ['192.0.2.1'] }), ['127.0.0.1', false], 'another proxy than ours')
  t.same(await seen({ trust_proxy: ['127.0.0.1'] }), ['198.51.100.7', true])
  t.same(await seen({ trust_proxy: '127.0.0.1, 198.51.100.7' }), ['203.0.113.9', true])
  t.same(
    await seen({ trust_proxy: 1 }),
    ['198.51.100.7', true],
    'one hop: what a client wrote before is not believed',
  )
  t.same(await seen({ trust_proxy: '1' }), ['198.51.100.7', true], 'as the CLI writes it')
  t.same(await seen({ trust_proxy: true }), ['203.0.113.9', true])
})

t.test('allow_cors: listed origins may read with cookies, all others nothing', async (t) => {
  const served = await start(t, { allow_cors: ['https://shop.example'] })
  const headersOf = async (verb: string, where: string, origin: string): Promise<(string | null)[]> => {
    const { headers } = await served.client().request(verb, where, {
      headers: { Origin: origin, 'Access-Control-Request-Headers': 'x-frappe-csrf-token' },
    })
    return ['origin', 'credentials', 'headers'].map((name) => headers.get(`access-control-allow-${name}`))
  }
  const ping = '/api/method/ping'
  t.same(await headersOf('GET', ping, 'https://shop.example'), ['https://shop.example', 'true', null])
  t.same(await headersOf('OPTIONS', ping, 'https://shop.example'), [
    'https://shop.example',
    'true',
    'x-frappe-csrf-token',
  ])
  for (const origin of [
    'https://evil.example',
    'https://shop.example.evil.example',
    'http://shop.example',
    'null',
    '*',
  ]) {
    t.same(await headersOf('GET', ping, origin), [null, null, null], origin)
    t.same(await headersOf('OPTIONS', ping, origin), [null, null, null], origin)
  }
  t.same(await headersOf('GET', '/desk', 'https://shop.example'), [null, null, null], 'the API alone')

  const open = await start(t, { allow_cors: '*' })
  const { headers } = await open.client().get(ping, { Origin: 'https://evil.example' })
  t.equal(headers.get('access-control-allow-origin'), '*')
  t.equal(headers.get('access-control-allow-credentials'), null, 'never both')
  const { cookie } = await open.login('Administrator', ADMIN_PASSWORD)
  const socket = openSocket(t, open, { cookie, origin: 'https://evil.example' })
  t.equal((await socket.closed).code, 4401, 'nor for a socket')
})

t.test('HEAD and OPTIONS', async (t) => {
  const served = await start(t)
  const client = served.client()
  for (const where of ['/api/method/ping', '/login', '/desk', '/no/such', '/api/method/lab.write']) {
    const answer = await client.request('OPTIONS', where)
    t.same([answer.status, answer.text], [200, ''], where)
  }
  const head = await client.request('HEAD', '/api/method/ping')
  t.same([head.status, head.text], [200, ''])
  t.equal((await client.request('HEAD', '/login')).status, 200)
  t.equal((await client.request('HEAD', '/api/method/lab.write?name=x')).status, 403)
})

t.test('HTML from guests is made harmless unless the method says otherwise', async (t) => {
  const served = await start(t)
  const guest = served.client()
  const text = '<b>bold</b> <img src=x onerror=alert(1)><script>alert(1)</script><a href="javascript:x">y</a>'
  const sent = { text, list: ['<svg/onload=alert(1)>', 'a < b & c'] }
  const clean = { text: '<b>bold</b> y', list: ['', 'a < b & c'] }
  t.same((await guest.post('/api/method/lab.clean', sent)).body.message, clean)
  const form = await guest.request('POST', '/api/method/lab.clean', {
    body: new URLSearchParams({ text, list: JSON.stringify(sent.list) }),
  })
  t.same(form.body.message, clean, 'inside JSON text, too')
  t.same((await guest.post('/api/method/lab.raw', sent)).body.message, sent)
  const admin = await served.login('Administrator', ADMIN_PASSWORD)
  t.same((await admin.post('/api/method/lab.clean', sent)).body.message, sent)
})

t.test('what a method says besides: _server_messages, on success and before an error', async (t) => {
  const served = await start(t)
  const guest = served.client()
  const messagesOf = (body: { _server_messages?: string }): unknown[] =>
    (JSON.parse(body._server_messages ?? '[]') as string[]).map((text) => JSON.parse(text) as unknown)
  const said = { message: 'Saved <b>well</b>', title: 'Good', indicator: 'green' }
  const good = await guest.get('/api/method/lab.say')
  t.equal(good.body.message, 'done')
  t.same(messagesOf(good.body), [said])
  const bad = await guest.get('/api/method/lab.say?then=fail')
  t.equal(bad.status, 417)
  t.match(messagesOf(bad.body), [said, { message: 'But not this.', indicator: 'red', raise_exception: 1 }])
  t.notOk('_server_messages' in (await guest.get('/api/method/ping')).body)
  const admin = await served.login('Administrator', ADMIN_PASSWORD)
  const socket = openSocket(t, served, { cookie: admin.cookie })
  await socket.event('ready')
  t.same(messagesOf(await socket.call('lab.say')), [said])
  t.notOk('_server_messages' in (await socket.call('ping')), 'each call its own')
})

t.test('tracebacks: for system users in developer mode alone', async (t) => {
  const developing = await start(t, { developer_mode: 1 })
  const admin = await developing.login('Administrator', ADMIN_PASSWORD)
  const web = await developing.login('web@test.example', PASSWORD)
  const crash = '/api/method/lab.crash'
  const { body } = await admin.get(crash)
  t.match((JSON.parse(body.exc as string) as string[])[0], /4711[\s\S]*lab\.ts/)
  t.notMatch((await web.get(crash)).text, /4711/)
  t.notMatch((await developing.client().get(crash)).text, /4711/)
  t.notOk('exc' in (await admin.get('/api/resource/User/nobody')).body, 'not for what is not there')
  const serving = await start(t)
  const other = await serving.login('Administrator', ADMIN_PASSWORD)
  t.notMatch((await other.get(crash)).text, /4711/)
})

t.test('cmd names a method at any address that is nothing else', async (t) => {
  const served = await start(t)
  const guest = served.client()
  t.same((await guest.post('/', { cmd: 'ping' })).body, { message: 'pong' })
  t.same((await guest.post('/anything', { cmd: 'lab.echo', text: 'a' })).body, { message: { text: 'a' } })
  t.same((await guest.get('/?cmd=ping')).body, { message: 'pong' })
  t.equal((await guest.post('/', { cmd: 'lab.write', name: 'x' })).status, 403)
  t.match((await guest.post('/', { cmd: 'no.such' })).body, { exc_type: 'ValidationError' })
  t.equal((await guest.post('/', {})).status, 404)
  const client = served.client()
  t.match((await client.post('/', { cmd: 'login', usr: 'Administrator', pwd: ADMIN_PASSWORD })).body, {
    message: 'Logged In',
  })
  t.equal((await client.get('/?cmd=logout')).status, 403)
  t.equal((await client.get('/?cmd=lab.write&name=x')).status, 403)
  await client.page('/desk')
  t.match((await client.post('/', { cmd: 'lab.write', name: 'x' })).body, { exc_type: 'CSRFTokenError' })
  t.match((await client.page('/desk?cmd=ping')).headers.get('content-type'), 'text/html', 'a page stays one')
})

t.test('before_request may refuse, after_request hears what came of it', async (t) => {
  const heard: string[] = []
  const served = await start(
    t,
    {},
    {
      before_request: ({ path: where, headers }) => {
        if (headers['x-bad'] !== undefined) throw new PermissionError(`Not ${where}.`)
      },
      after_request: ({ method, path: where, user }, status) => {
        heard.push(`${method} ${where} ${user} ${String(status)}`)
      },
    },
  )
  const admin = await served.login('Administrator', ADMIN_PASSWORD)
  heard.length = 0
  await admin.get('/api/method/lab.private?x=1')
  const refused = await admin.get('/api/method/lab.private', { 'X-Bad': '1' })
  t.match([refused.status, refused.text], [403, /Not \/api\/method\/lab\.private/])
  t.equal((await admin.get('/healthz', { 'X-Bad': '1' })).status, 200, 'the API alone')
  t.same(heard, ['GET /api/method/lab.private Administrator 200', 'GET /api/method/lab.private Guest 403'])
  const dodges = ['/%61pi/method/ping', '/?cmd=ping', '/no/where?cmd=ping', `${served.url}/api/method/ping`]
  for (const where of dodges) t.equal(await statusOf(served, 'GET', where), 403, where)
  t.equal(await statusOf(served, 'POST', '/', 'cmd=ping'), 403, 'cmd in a form')
})

/** The status of a request whose target is sent as it stands, with a header that the hook refuses. */
async function statusOf(served: Served, method: string, target: string, form = ''): Promise<number> {
  const [hostname, port] = served.host.split(':')
  const headers = { 'X-Bad': '1', 'Content-Type': 'application/x-www-form-urlencoded' }
  return await new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path: target, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on('error', reject).end(form)
  })
}

t.test('maintenance: 503 with Retry-After, but the probes answer', async (t) => {
  const served = await start(t, { maintenance_mode: 1 })
  const api = await served.client().get('/api/method/ping')
  t.match([api.status, api.body.exc_type], [503, 'SessionStopped'])
  t.match(api.headers.get('retry-after'), /^\d+$/)
  t.match((await served.client().page('/login')).text, /being worked on/)
  t.equal((await served.client().get('/healthz')).status, 200)
})

t.test('a Host that is none breaks nothing', async (t) => {
  const served = await start(t)
  const [host, port] = served.host.split(':')
  for (const name of ['evil.example', 'a b', '"><script>', '[::1', `${'x'.repeat(3000)}.example`]) {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest({ host, port, path: '/api/method/ping', headers: { Host: name } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    t.ok(status === 200 || status === 400, `${name.slice(0, 20)} ${String(status)}`)
  }
})
