import { once } from 'node:events'
import { connect } from 'node:net'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import multipart from '@fastify/multipart'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import desk from '../../../desk/index.ts'
import { byCookie, embed, newBenchPath, SITE, type Host, type People } from '../../support/embed.ts'
import { TestSocket } from '../../support/server.ts'

const people: People = new Map([
  ['ann', { user: 'Ann@shop.example', fullName: 'Ann Berg', roles: ['Chat User'] }],
])
const identify = byCookie(people)

/** The application's own way with everything that desk has an opinion of, too. */
function ownRoutes(app: FastifyInstance): void {
  app.setErrorHandler((error: Error, _request, reply) => reply.status(418).send({ own: error.message }))
  app.setNotFoundHandler((_request, reply) => reply.status(404).send('the application has no such page'))
  app.get('/', () => 'the application’s home')
  app.get('/healthz', () => 'the application lives')
  app.get('/app', () => 'an address of the application')
  app.get('/login', () => 'the application’s login')
  app.get('/api/orders', () => ({ orders: 3 }))
  app.get('/broken', () => {
    throw new Error('as it breaks')
  })
  app.post('/echo', ({ body }) => ({ body }))
}

/** That nothing of the application has changed. */
async function isItself(t: Test, host: Host): Promise<void> {
  const client = host.client('ann')
  for (const [path, status, text] of [
    ['/', 200, 'the application’s home'],
    ['/healthz', 200, 'the application lives'],
    ['/app', 200, 'an address of the application'],
    ['/login', 200, 'the application’s login'],
    ['/api/orders', 200, '{"orders":3}'],
    ['/broken', 418, '{"own":"as it breaks"}'],
    ['/nowhere', 404, 'the application has no such page'],
    ['/api/nowhere', 404, 'the application has no such page'],
  ] as const) {
    const answer = await client.get(path)
    t.match(answer, { status, text, cookies: [] }, path)
    for (const name of ['content-security-policy', 'permissions-policy', 'x-frame-options'])
      t.notOk(answer.headers.get(name), `${path}: no ${name} of desk's`)
  }
  t.match(await client.post('/echo', { a: 1 }), { status: 200, body: { body: { a: 1 } }, cookies: [] })
  const empty = await client.request('POST', '/echo', { headers: { 'Content-Type': 'application/json' } })
  t.match(empty, { status: 418 }, 'empty JSON is refused here, as Fastify does it')
  const form = await client.request('POST', '/echo', {
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'a=1',
  })
  t.equal(form.status, 418, 'a form is not read here')
}

const socket = (t: Test, url: string, path: string, login: string): TestSocket => {
  const ws = new WebSocket(`${url.replace('http', 'ws')}${path}`, {
    headers: { Origin: url, Cookie: `login=${login}` },
  })
  t.teardown(() => {
    ws.terminate()
  })
  return new TestSocket(ws)
}

t.test('beside the routes of an application, at its root', async (t) => {
  const host = await embed(t, { identify }, { after: ownRoutes })
  await isItself(t, host)
  const ann = host.client('ann')
  const boot = await ann.get('/api/method/desk.boot')
  t.match(boot.body.message, {
    user: { name: 'ann@shop.example', full_name: 'Ann Berg', user_type: 'System User' },
    sitename: SITE,
    csrf_token: '',
    login_url: '',
    base: '',
  })
  t.same(boot.cookies, [], 'desk sets no cookies')
  t.ok(boot.headers.get('content-security-policy'), 'what desk answers has its headers')
  const page = await ann.page('/desk')
  t.match(page, { status: 200, text: 'Ann Berg' })
  t.notMatch(page.text, 'Log out')
  t.match(await host.client().page('/desk'), { status: 401, text: 'Log in to the application', cookies: [] })
  t.match(await ann.get('/assets/f_chat/f-chat.js'), { status: 200 })
  t.match(await ann.get('/api/method/nothing_here'), { status: 417 })
  t.match(await socket(t, host.url, '/realtime', 'ann').event('ready'), {
    message: { user: 'ann@shop.example' },
  })
})

t.test('below a prefix', async (t) => {
  const host = await embed(t, { identify, prefix: '/chat-desk/' }, { before: ownRoutes })
  await isItself(t, host)
  const ann = host.client('ann')
  t.match(await ann.get('/chat-desk/api/method/desk.boot'), {
    status: 200,
    body: { message: { base: '/chat-desk', user: { name: 'ann@shop.example' } } },
  })
  t.match(await ann.get('/chat-desk/healthz'), { status: 200, body: { status: 'ok' } })
  t.equal((await ann.get('/chat-desk/')).headers.get('location'), '/chat-desk/desk')
  t.equal((await ann.get('/chat-desk/app/user?x=1')).headers.get('location'), '/chat-desk/desk/user?x=1')
  t.match(await ann.page('/chat-desk/login'), { status: 403, text: 'logs its users in' })
  t.match(await ann.page('/chat-desk/nowhere'), { status: 404, text: 'There is nothing at /nowhere' })
  t.match(await ann.get('/realtime'), { status: 404 })
  const page = await ann.page('/chat-desk/desk')
  t.equal(page.status, 200)
  const links = [...page.text.matchAll(/ (?:href|src|action)="([^"]*)"/g)].map(([, link = '']) => link)
  t.ok(links.length > 5)
  t.same(
    links.filter((link) => !link.startsWith('/chat-desk/') && !link.startsWith('#')),
    [],
  )
  for (const link of new Set(links.filter((link) => link.includes('/assets/'))))
    t.equal((await ann.get(link)).status, 200, link)
  t.match(await socket(t, host.url, '/chat-desk/realtime?device=x', 'ann').event('ready'), {
    message: { user: 'ann@shop.example' },
  })
})

t.test('with desk’s own login below a prefix: cookies, redirects and links stay below it', async (t) => {
  const prefix = '/chat-desk'
  const host = await embed(t, { prefix })
  const client = host.client()
  const page = await client.page(`${prefix}/desk/user`)
  t.match(page, { status: 302 })
  t.equal(page.headers.get('location'), `${prefix}/login?redirect-to=%2Fchat-desk%2Fdesk%2Fuser`)
  const login = await client.page(String(page.headers.get('location')))
  t.match(login, { status: 200, text: `data-redirect-to="${prefix}/desk/user"` })
  t.match(login.text, `src="${prefix}/assets/desk/login.js`)
  const failed = await client.post(`${prefix}/api/method/login`, { usr: 'Administrator', pwd: 'no' })
  t.equal(failed.status, 401)
  t.ok(failed.cookies.length > 0)
  for (const line of failed.cookies) t.match(line, `Path=${prefix}`)
})

t.test('beside the same plugins, which the application has for itself', async (t) => {
  const before = async (app: FastifyInstance): Promise<void> => {
    await app.register(helmet, { contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] } } })
    await app.register(cookie)
    await app.register(formbody)
    await app.register(multipart)
    await app.register(websocket)
    app.get('/own', { websocket: true }, (ws) => {
      ws.send('{"event":"own"}')
    })
    app.post('/echo', ({ body }) => ({ body }))
  }
  const host = await embed(t, { identify }, { before })
  const ann = host.client('ann')
  t.match((await ann.get('/nowhere')).headers.get('content-security-policy') ?? '', "default-src 'none'")
  t.match((await ann.page('/desk')).headers.get('content-security-policy') ?? '', "default-src 'self'")
  const form = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'a=1' }
  t.match(await ann.request('POST', '/echo', form), { status: 200, body: { body: { a: '1' } } })
  t.match(await socket(t, host.url, '/own', 'ann').event('own'), { event: 'own' })
  t.match(await socket(t, host.url, '/realtime', 'ann').event('ready'), {
    message: { user: 'ann@shop.example' },
  })
  const data = new FormData()
  data.set('is_private', '1')
  data.set('file', new Blob(['hello']), 'hello.txt')
  const uploaded = await ann.request('POST', '/api/method/upload_file', {
    headers: { Origin: host.url },
    body: data,
  })
  t.match(uploaded, { status: 200, body: { message: { file_name: 'hello.txt' } } })
  t.match(await ann.get(uploaded.body.message.file_url), { status: 200, text: 'hello' })
  t.match(await host.client().get(uploaded.body.message.file_url), { status: 403 })
})

t.test('sockets: two desks in one application, and requests that ask for another protocol', async (t) => {
  const first = await embed(
    t,
    { identify, prefix: '/one' },
    {
      before: (app) => {
        app.get('/plain', () => 'as ever')
      },
    },
  )
  const second = await embed(
    t,
    { identify, prefix: '/one' },
    {
      before: (app) =>
        app.register(desk, {
          benchPath: newBenchPath(t),
          site: 'two.localhost',
          create: true,
          identify,
          prefix: '/two',
        }),
    },
  )
  for (const path of ['/one/realtime', '/two/realtime'])
    t.match(await socket(t, second.url, path, 'ann').event('ready'), {
      message: { user: 'ann@shop.example' },
    })
  const raw = connect(Number(first.host.split(':')[1]), '127.0.0.1')
  raw.write('GET /plain HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n')
  const [answer] = (await once(raw, 'data')) as [Buffer]
  t.match(answer.toString(), /^HTTP\/1\.1 200 OK/)
  raw.destroy()
})

t.test('a plugin for sockets that comes after desk is refused', async (t) => {
  await t.rejects(embed(t, { identify }, { after: (app) => app.register(websocket) }), /before desk/)
})

t.test('closing the application closes desk', async (t) => {
  const host = await embed(t, { identify })
  const ann = socket(t, host.url, '/realtime', 'ann')
  await ann.event('ready')
  await host.app.close()
  t.match(await ann.closed, { code: 1012 })
})
