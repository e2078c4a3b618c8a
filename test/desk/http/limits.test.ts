import { request as httpRequest } from 'node:http'
import path from 'node:path'
import { Type } from 'typebox'
import t, { type Test } from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'
import { defineMethod } from '../../../desk/method.ts'
import { MemoryLimits } from '../../../desk/site/limits.ts'
import type { SiteConfig } from '../../../desk/site/config.ts'
import { addUser, labSiteOn, PASSWORD } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { openSocket, serve, type Answer, type Served } from '../../support/server.ts'

const nothing = Type.Object({})
const limited = (name: string, per: 'user' | 'ip') =>
  defineMethod({
    name,
    allowGuest: true,
    rateLimit: { limit: 2, seconds: 60, per },
    input: nothing,
    handler: () => 'done',
  })

async function start(t: Test, config: SiteConfig = {}): Promise<Served> {
  const database = createDatabase({ db_type: 'sqlite', db_name: path.join(t.testdir({}), 'site.db') })
  const app = {
    ...wireApp,
    methods: [...(wireApp.methods ?? []), limited('lab.per_user', 'user'), limited('lab.per_ip', 'ip')],
  }
  const site = await labSiteOn(t, database, app, { config })
  for (const name of ['ann', 'ben'])
    await addUser(site, `${name}@test.example`, [], { new_password: PASSWORD })
  return await serve(t, site)
}

t.test('counters: they add up, end by themselves, and can be cleared', async (t) => {
  const limits = new MemoryLimits()
  t.match(await limits.add('a', 1, 60), { used: 1, resetSeconds: 60 })
  t.match(await limits.add('a', 2, 60), { used: 3 })
  t.match(await limits.add('a', 0, 60), { used: 3 }, 'nothing only looks')
  t.match(await limits.add('a', -1, 60), { used: 2 })
  t.match(await limits.add('b', 1, 60), { used: 1 }, 'each its own')
  await limits.clear('a')
  t.match(await limits.add('a', 0, 60), { used: 0 })
  await limits.add('short', 5, 0.01)
  let used = 5
  while (used > 0) {
    await new Promise((resolve) => setImmediate(resolve))
    used = (await limits.add('short', 0, 0.01)).used
  }
  t.equal(used, 0)
})

t.test('rate_limit: what is left is told, and past it all wait but the probes', async (t) => {
  const served = await start(t, { rate_limit: { limit: 0.2, window: 3600 } })
  const client = served.client()
  const first = await client.get('/api/method/ping')
  t.equal(first.headers.get('x-ratelimit-limit'), '200000')
  const used = Number(first.headers.get('x-ratelimit-used'))
  t.ok(used > 0)
  t.ok(Number(first.headers.get('x-ratelimit-remaining')) <= 200_000 - used)
  t.match(first.headers.get('x-ratelimit-reset'), /^3(600|5\d\d)$/)
  let last: Answer
  do last = await client.post('/api/method/login', { usr: 'nobody', pwd: 'x' })
  while (last.status === 401)
  t.equal(last.status, 429)
  t.match(last.body, { exc_type: 'TooManyRequestsError' })
  t.match(last.headers.get('retry-after'), /^3(600|5\d\d)$/)
  t.equal(last.headers.get('x-ratelimit-remaining'), '0')
  t.equal(last.headers.get('x-ratelimit-used'), null)
  const page = await client.page('/login')
  t.match([page.status, page.text], [429, /Try again/])
  t.equal((await client.get('/healthz')).status, 200)
})

t.test('rate_limit: a body that is slow to come is no work', async (t) => {
  const served = await start(t, { rate_limit: { limit: 100, window: 3600 } })
  const [hostname, port] = served.host.split(':')
  const body = '{"text":"slowly"}'
  const began = performance.now()
  const used = await new Promise<number>((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length }
    const path = '/api/method/lab.echo'
    const request = httpRequest({ hostname, port, method: 'POST', path, headers }, (response) => {
      response.resume()
      resolve(Number(response.headers['x-ratelimit-used']))
    })
    request.on('error', reject)
    request.write(body.slice(0, 5), () => setTimeout(() => request.end(body.slice(5)), 300))
  })
  t.ok(performance.now() - began > 290)
  t.ok(used > 0 && used < 150_000, `${String(used)} µs`)
})

t.test('without it nothing is told', async (t) => {
  const served = await start(t)
  t.equal((await served.client().get('/api/method/ping')).headers.get('x-ratelimit-limit'), null)
})

t.test('the calls of a method, by user or by address, over HTTP and the socket', async (t) => {
  const served = await start(t)
  const ann = await served.login('ann@test.example', PASSWORD)
  const ben = await served.login('ben@test.example', PASSWORD)
  const call = async (client: typeof ann, name: string): Promise<number> =>
    (await client.get(`/api/method/lab.${name}`)).status
  t.same([await call(ann, 'per_user'), await call(ann, 'per_user')], [200, 200])
  const over = await ann.get('/api/method/lab.per_user')
  t.match([over.status, over.body], [417, { exc_type: 'RateLimitExceededError' }])
  t.match(over.body.message.error, { code: 'RATE_LIMITED', message: /Try again in \d+ seconds/ })
  t.match(over.headers.get('retry-after'), /^\d+$/)
  const socket = openSocket(t, served, { cookie: ann.cookie })
  await socket.event('ready')
  t.match(await socket.call('lab.per_user'), { status: 417, exc_type: 'RateLimitExceededError' })
  t.equal(await call(ben, 'per_user'), 200)
  const [one, other] = [served.client(), served.client()]
  t.same([await call(one, 'per_user'), await call(other, 'per_user')], [200, 200])
  t.equal(await call(one, 'per_user'), 417, 'guests share their address')
  t.same([await call(ann, 'per_ip'), await call(ben, 'per_ip'), await call(one, 'per_ip')], [200, 200, 417])
})
