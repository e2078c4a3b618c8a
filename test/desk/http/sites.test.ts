import { request as httpRequest } from 'node:http'
import { rmSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { WebSocket } from 'ws'
import { SiteRouter } from '../../../desk/http/site-router.ts'
import { Bench } from '../../../desk/site/bench-folder.ts'
import { createSite } from '../../../desk/site/create.ts'
import { readConfig, writeJson } from '../../../desk/site/config.ts'
import { recordingLog } from '../../support/fixtures-app.ts'
import { TestSocket } from '../../support/server.ts'

const log = recordingLog()
const bench = new Bench(path.join(t.testdir({}), 'bench'))
await bench.init()
for (const name of ['one.test', 'two.test'])
  await createSite(bench, name, { adminPassword: `secret of ${name}`, log })
const two = bench.siteConfigFile('two.test')
await writeJson(two, { ...(await readConfig(two)), host_name: 'https://shop.example:8443' })
const router = new SiteRouter({ bench, log, fallback: 'one.test' })
const url = new URL(await router.listen({ port: 0, host: '127.0.0.1' }))
t.teardown(() => router.close())

interface Answer {
  status: number
  text: string
  cookies: string[]
}

const ask = (
  host: string,
  where: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: url.hostname,
        port: url.port,
        path: where,
        method: body === undefined ? 'GET' : 'POST',
        headers: { Host: host, Accept: 'application/json', 'Content-Type': 'application/json', ...headers },
      },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text, cookies: response.headers['set-cookie'] ?? [] })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })

const login = (host: string, site: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(host, '/api/method/login', { headers, body: { usr: 'Administrator', pwd: `secret of ${site}` } })

t.test('Host, with or without port, host_name, and X-Frappe-Site-Name choose the site', async (t) => {
  t.equal((await login('one.test', 'one.test')).status, 200)
  t.equal((await login('one.test', 'two.test')).status, 401, 'each has its own people')
  t.equal((await login('TWO.test:8000', 'two.test')).status, 200)
  t.equal((await login('shop.example', 'two.test')).status, 200)
  t.equal((await login('one.test', 'two.test', { 'X-Frappe-Site-Name': 'two.test' })).status, 200)
  t.equal((await login(url.host, 'one.test')).status, 200, 'this machine by number: the site that was chosen')
})

t.test('a site that there is not is 404, and nothing of the disk', async (t) => {
  for (const name of ['three.test', '../two.test', 'assets', 'apps.json', '__proto__', 'constructor']) {
    const answer = await ask(name, '/api/method/ping')
    t.equal(answer.status, 404, name)
    t.match(answer.text, /DoesNotExistError/)
  }
  const header = await ask('one.test', '/api/method/ping', {
    headers: { 'X-Frappe-Site-Name': '../one.test' },
  })
  t.equal(header.status, 404)
  t.equal((await ask('three.test', '/healthz')).status, 200, 'the process lives all the same')
})

t.test('a session of one site is none of another', async (t) => {
  const { cookies } = await login('one.test', 'one.test')
  const Cookie = cookies.map((line) => line.split(';')[0]).join('; ')
  const who = '/api/method/frappe.auth.get_logged_user'
  t.equal((await ask('one.test', who, { headers: { Cookie } })).status, 200)
  t.equal((await ask('two.test', who, { headers: { Cookie } })).status, 403)
})

t.test(
  'a site that is made while the bench is served is found; one that cannot be opened is 503',
  async (t) => {
    await createSite(bench, 'new.test', { adminPassword: 'secret of new.test', log })
    let answer = await login('new.test', 'new.test')
    while (answer.status === 404) answer = await login('new.test', 'new.test')
    t.equal(answer.status, 200)
    await createSite(bench, 'broken.test', { adminPassword: 'secret', log })
    rmSync(path.join(bench.sitePath('broken.test'), 'site.db'))
    do answer = await ask('broken.test', '/api/method/ping')
    while (answer.status === 404)
    t.equal(answer.status, 503)
    t.notMatch(answer.text, /site\.db|sqlite/i)
    t.equal((await ask('one.test', '/api/method/ping')).status, 200, 'the others are served')
  },
)

t.test('sockets, too; and all are told when the bench stops', async (t) => {
  const open = async (host: string, site: string): Promise<TestSocket> => {
    const { cookies } = await login(host, site)
    const Cookie = cookies.map((line) => line.split(';')[0]).join('; ')
    return new TestSocket(
      new WebSocket(`ws://${url.host}/realtime`, {
        headers: { Host: host, Cookie, Origin: `http://${host}` },
      }),
    )
  }
  const sockets = [await open('one.test', 'one.test'), await open('shop.example', 'two.test')]
  for (const socket of sockets) {
    t.match((await socket.event('ready')).message, { user: 'Administrator' })
    t.match(await socket.call('ping'), { message: 'pong' })
  }
  const nowhere = new WebSocket(`ws://${url.host}/realtime`, { headers: { Host: 'three.test' } })
  const refused = await new Promise<Error>((resolve) => nowhere.once('error', resolve))
  t.match(refused.message, /404/)
  await router.close()
  for (const socket of sockets) t.equal((await socket.closed).code, 1012)
})
