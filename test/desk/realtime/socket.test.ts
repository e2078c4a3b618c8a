import t from 'tap'
import { once } from 'node:events'
import type { SocketOpening } from '../../../desk/app.ts'
import type { Context } from '../../../desk/context.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, addUser, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { openSocket, serve, type Body } from '../../support/server.ts'

const ANN = 'ann@test.example'
const BEN = 'ben@test.example'
const DEVICE = '0b9d2f5e-3c1a-4f6e-9d57-2f3a1c5b7e90'

await eachDatabase(t, '/realtime', async (t, db) => {
  const opening: SocketOpening = { rooms: ['lobby'], ready: { rooms: { 'CR-1': 7 } } }
  const site = await labSite(t, db, { ...wireApp, socket_open: () => Promise.resolve(opening) })
  await addUser(site, ANN, [], { new_password: PASSWORD })
  await addUser(site, BEN, [], { new_password: PASSWORD, user_type: 'Website User' })
  const served = await serve(t, site)
  const ann = await served.login(ANN, PASSWORD)
  const ben = await served.login(BEN, PASSWORD)
  const codeOf = async (init: Parameters<typeof openSocket>[2]): Promise<number> =>
    (await openSocket(t, served, init).closed).code
  const say = (event: string, audience: Parameters<Context['publish']>[2]): Promise<void> =>
    site.asAdministrator((ctx) => {
      ctx.publish(event, event, audience)
      return Promise.resolve()
    })

  await t.test('who may not come in is told why by the close code', async (t) => {
    const { cookie } = ann
    t.equal(await codeOf({ cookie, origin: 'http://evil.example' }), 4403)
    t.equal(await codeOf({ cookie, origin: 'null' }), 4403)
    t.equal(await codeOf({}), 4401)
    t.equal(await codeOf({ cookie: 'sid=unknown' }), 4401)
    t.equal(await codeOf({ cookie, origin: undefined }), 4401, 'a cookie counts together with an Origin only')
    t.equal(await codeOf({ cookie, headers: { Authorization: 'token a:b' } }), 4401)
    t.equal(await codeOf({ origin: undefined, headers: { Authorization: 'token a:b' } }), 4401)
    const plain = await ann.get('/realtime')
    t.equal(plain.status, 404, 'without an upgrade there is nothing')
  })

  await t.test('the ready frame comes first', async (t) => {
    const socket = openSocket(t, served, { cookie: ann.cookie, query: `?device=${DEVICE}` })
    const ready = await socket.event('ready')
    t.equal(socket.frames[0], ready)
    t.match(ready.message, {
      protocol: 1,
      build: 'test-build',
      user: ANN,
      device: DEVICE,
      server_time: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/,
      heartbeat_seconds: 25,
      rooms: { 'CR-1': 7 },
    })
    const odd = openSocket(t, served, { cookie: ann.cookie, query: '?device=<script>' })
    t.equal((await odd.event('ready')).message.device, null)
  })

  await t.test('methods answer as over HTTP, and so do errors', async (t) => {
    const socket = openSocket(t, served, { cookie: ann.cookie })
    await socket.event('ready')
    const frame = (id: string, rest: object): Body => ({ id, ...rest })
    t.same(await socket.call('lab.private'), frame('call-1', { message: ANN }))
    t.same(await socket.call('lab.nothing'), frame('call-2', {}))
    t.same(
      await socket.call('lab.echo', { count: '4', unknown: 1 }),
      frame('call-3', { message: { count: 4 } }),
    )
    for (const [method, args] of [
      ['no.such', {}],
      ['lab.needs', {}],
      ['lab.write', { name: 'a<b' }],
    ] as const) {
      const http = await ann.post(`/api/method/${method}`, args)
      const { id: _id, ...answer } = await socket.call(method, args)
      t.same(
        answer,
        { status: http.status, exc_type: http.body.exc_type, message: http.body.message },
        method,
      )
    }
    const crashed = await socket.call('lab.crash')
    t.match(crashed, { status: 500, message: { error: { code: 'INTERNAL_ERROR', message: /Error Log/ } } })
    t.notMatch(JSON.stringify(crashed), /4711/)
    t.match(await socket.call('login', { usr: ANN, pwd: PASSWORD }), { status: 417 })
  })

  await t.test('what is sent before the ready frame is answered all the same', async (t) => {
    const socket = openSocket(t, served, { cookie: ann.cookie })
    await once(socket.ws, 'open')
    t.match(await socket.call('lab.private'), { message: ANN })
    t.equal(socket.frames[0].event, 'ready')
  })

  await t.test('events reach those whom they are for, once', async (t) => {
    const [a, twin, b] = [ann, ann, ben].map(({ cookie }) => openSocket(t, served, { cookie }))
    if (!a || !twin || !b) throw new Error('three sockets')
    await Promise.all([a, twin, b].map((socket) => socket.event('ready')))
    await say('to ann', { user: ANN })
    await say('to both', { users: [ANN, BEN] })
    await say('to the lobby', { room: 'lobby' })
    await say('to the desk', { room: 'all' })
    await say('to nobody', { room: 'elsewhere' })
    await say('to all', { room: 'website' })
    await Promise.all([a, twin, b].map((socket) => socket.event('to all')))
    const heard = (frames: Body[]): unknown[] => frames.map(({ event }: Body) => event as unknown).slice(1)
    const ofAnn = ['to ann', 'to both', 'to the lobby', 'to the desk', 'to all']
    t.same([heard(a.frames), heard(twin.frames)], [ofAnn, ofAnn])
    t.same(heard(b.frames), ['to both', 'to the lobby', 'to all'])
    t.same(b.frames[1], { event: 'to both', room: `user:${BEN}`, message: 'to both' })
  })

  await t.test('frames that are wrong, too large or too many', async (t) => {
    const closesWith = async (send: (socket: ReturnType<typeof openSocket>) => void): Promise<number> => {
      const socket = openSocket(t, served, { cookie: ann.cookie })
      await socket.event('ready')
      send(socket)
      return (await socket.closed).code
    }
    t.equal(await closesWith((socket) => socket.send('not json')), 4400)
    t.equal(await closesWith((socket) => socket.send({ id: 1 })), 4400)
    t.equal(await closesWith((socket) => socket.ws.send(Buffer.from([0xff, 0xfe]))), 4400)
    t.equal(
      await closesWith((socket) => socket.send({ id: 1, method: 'ping', args: { x: 'x'.repeat(262_144) } })),
      4413,
    )
    t.equal(await closesWith((socket) => socket.ws.send('x'.repeat(9_000_000))), 1009)
    t.equal(
      await closesWith((socket) => {
        for (let id = 0; id < 500; id++) socket.send({ id, method: 'lab.private' })
      }),
      4429,
    )
  })

  await t.test('logout closes that login’s sockets alone; a disabled user loses all', async (t) => {
    const other = await served.login(ANN, PASSWORD)
    const mine = openSocket(t, served, { cookie: ann.cookie })
    const theirs = openSocket(t, served, { cookie: other.cookie })
    await Promise.all([mine.event('ready'), theirs.event('ready')])
    await ann.post('/api/method/logout')
    t.equal((await mine.closed).code, 4401)
    t.match(await theirs.call('lab.private'), { message: ANN })
    await site.asAdministrator(async (ctx) => {
      const user = await ctx.getDoc('User', ANN)
      user.set('enabled', 0)
      await user.save()
    })
    t.equal((await theirs.closed).code, 4401)
    t.equal(await codeOf({ cookie: other.cookie }), 4401)
  })
})

await eachDatabase(t, 'apps hear of sockets that come and go', async (t, db) => {
  const heard: string[] = []
  const connections = new Map<object | undefined, string>()
  let hold: Promise<void> = Promise.resolve()
  const note = (what: string, { user, device, connection }: Context): void => {
    const known = connections.get(connection) ?? `socket ${String(connections.size + 1)}`
    connections.set(connection, known)
    heard.push([what, user, device ?? '-', known].join(' '))
  }
  const site = await labSite(t, db, {
    ...wireApp,
    socket_open: async (ctx) => {
      await hold
      note('open', ctx)
      return { rooms: [] }
    },
    socket_close: (ctx) => {
      note('close', ctx)
      if (ctx.device) throw new Error('not told to anybody')
    },
  })
  const until = async (count: number): Promise<string[]> => {
    while (heard.length < count) await new Promise(setImmediate)
    return heard.splice(0)
  }
  const served = await serve(t, site)
  const { cookie } = await served.login('Administrator', ADMIN_PASSWORD)
  const first = openSocket(t, served, { cookie, query: `?device=${DEVICE}` })
  await first.event('ready')
  first.ws.close()
  const who = 'Administrator'
  t.same(await until(2), [`open ${who} ${DEVICE} socket 1`, `close ${who} ${DEVICE} socket 1`])

  let release = (): void => undefined
  hold = new Promise((resolve) => (release = resolve))
  const brief = openSocket(t, served, { cookie })
  await once(brief.ws, 'open')
  brief.ws.terminate()
  await brief.closed
  const last = openSocket(t, served, { cookie })
  await once(last.ws, 'open')
  release()
  await last.event('ready')
  t.same(
    (await until(3)).filter((line) => line.endsWith('2')),
    [`open ${who} - socket 2`, `close ${who} - socket 2`],
    'one that is gone before it was open closes after it opened',
  )
  t.match(await last.call('lab.private'), { message: who })
  await served.server.close()
  t.same(await until(1), [`close ${who} - socket 3`])
})

await eachDatabase(t, 'liveness', async (t, db) => {
  const site = await labSite(t, db, wireApp)
  await t.test('two unanswered pings close; answered ones keep the socket', async (t) => {
    const served = await serve(t, site, { pingSeconds: 0.05 })
    const admin = await served.login('Administrator', ADMIN_PASSWORD)
    const alive = openSocket(t, served, { cookie: admin.cookie })
    const silent = openSocket(t, served, { cookie: admin.cookie, autoPong: false })
    await Promise.all([alive.event('ready'), silent.event('ready')])
    let pings = 0
    silent.ws.on('ping', () => pings++)
    t.equal((await silent.closed).code, 4408)
    t.equal(pings, 2)
    for (let i = 0; i < 6; i++) await once(alive.ws, 'ping')
    t.match(await alive.call('lab.private'), { message: 'Administrator' })
  })

  await t.test('a server that stops says 1012, to open and to opening sockets', async (t) => {
    const served = await serve(t, site)
    const admin = await served.login('Administrator', ADMIN_PASSWORD)
    const ready = openSocket(t, served, { cookie: admin.cookie })
    await ready.event('ready')
    const opening = openSocket(t, served, { cookie: admin.cookie })
    await once(opening.ws, 'open')
    await served.server.close()
    t.equal((await ready.closed).code, 1012)
    t.equal((await opening.closed).code, 1012)
  })
})
