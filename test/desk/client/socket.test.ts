import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocketServer, type WebSocket } from 'ws'
import { DeskError } from '../../../desk/client/error.ts'
import { Realtime, type RealtimeOptions, type RealtimeTiming } from '../../../desk/client/socket.ts'
import { fakePage, until } from '../../support/page.ts'

const ME = 'me@example.com'
const LOST = { message: 'The connection was lost before the answer came.' }

interface Request {
  id: number
  method: string
  args: Record<string, unknown>
}

/** A server that speaks the protocol, driven by the test. */
class Peer {
  readonly sockets: WebSocket[] = []
  readonly requests: Request[] = []
  readonly url: string

  constructor(server: WebSocketServer) {
    this.url = `ws://127.0.0.1:${String((server.address() as AddressInfo).port)}`
    server.on('connection', (socket) => {
      this.sockets.push(socket)
      socket.on('message', (data: Buffer) => this.requests.push(JSON.parse(data.toString()) as Request))
    })
  }

  /** The newest connection, once there are `count` of them. */
  async socket(count = 1): Promise<WebSocket> {
    await until(() => this.sockets.length >= count)
    const socket = this.sockets[count - 1]
    if (!socket) throw new Error('no socket')
    return socket
  }

  async request(count = 1): Promise<Request> {
    await until(() => this.requests.length >= count)
    const request = this.requests[count - 1]
    if (!request) throw new Error('no request')
    return request
  }
}

const say = (socket: WebSocket, frame: unknown): void => socket.send(JSON.stringify(frame))

const ready = (socket: WebSocket, message: object = {}): void =>
  say(socket, { event: 'ready', message: { protocol: 1, user: ME, ...message } })

const soon: RealtimeTiming = { ready: 60_000, silence: 60_000, backoff: () => 0 }

async function setUp(t: Test, timing: Partial<RealtimeTiming> = {}, options: Partial<RealtimeOptions> = {}) {
  const page = fakePage(t)
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  const peer = new Peer(server)
  const realtime = new Realtime({
    url: () => peer.url,
    protocol: 1,
    user: ME,
    timing: { ...soon, ...timing },
    ...options,
  })
  return { page, peer, realtime }
}

async function connected(t: Test, timing: Partial<RealtimeTiming> = {}) {
  const world = await setUp(t, timing)
  world.realtime.connect()
  const socket = await world.peer.socket()
  ready(socket)
  await until(() => world.realtime.state === 'open')
  return { ...world, socket }
}

t.test('it connects at first use, and is open from `ready` on', async (t) => {
  const { peer, realtime } = await setUp(t)
  t.equal(realtime.state, 'idle')
  const states: string[] = []
  realtime.onState((state) => states.push(state))
  realtime.on('hello', () => undefined)
  realtime.connect()
  const socket = await peer.socket()
  t.equal(realtime.state, 'connecting')
  await t.rejects(realtime.request('ping', {}), { message: 'The server could not be reached.' })
  ready(socket)
  await until(() => realtime.state === 'open')
  t.same(states, ['connecting', 'open'])
  t.equal(peer.sockets.length, 1, 'one connection, however often it is asked for')
})

t.test('events reach their listeners, and what came before `ready` comes after it', async (t) => {
  const { peer, realtime } = await setUp(t)
  const heard: unknown[] = []
  for (const name of ['ready', 'early', 'late']) {
    realtime.on(name, (message, frame) => heard.push([frame.event, frame.room, message]))
  }
  const stop = realtime.on('late', () => heard.push('never'))
  stop()
  const socket = await peer.socket()
  say(socket, { event: 'early', room: 'r', message: 1 })
  ready(socket)
  say(socket, { event: 'late', message: 2 })
  socket.send('no json')
  say(socket, { something: 'else' })
  await until(() => heard.length === 3)
  t.match(heard, [
    ['ready', undefined, { user: ME }],
    ['early', 'r', 1],
    ['late', undefined, 2],
  ])
})

t.test('a listener that throws does not keep others from hearing', async (t) => {
  const { page, realtime, socket } = await connected(t)
  const reported = once(page.window, 'error')
  realtime.on('news', () => {
    throw new Error('broken')
  })
  const heard = new Promise((resolve) => realtime.on('news', resolve))
  say(socket, { event: 'news', message: 'x' })
  t.equal(await heard, 'x')
  const [event] = (await reported) as [CustomEvent<Error>]
  t.equal(event.detail.message, 'broken')
})

t.test('answers find their requests, in any order', async (t) => {
  const { peer, realtime, socket } = await connected(t)
  const first = realtime.request('one', { a: 1 })
  const second = realtime.request('two', {})
  const refused = t.rejects(second, { status: 403, excType: 'PermissionError', message: 'No.' })
  const { id: secondId } = await peer.request(2)
  const { id: firstId, method, args } = await peer.request(1)
  t.same([method, args], ['one', { a: 1 }])
  const error = { success: false, error: { code: 'PERMISSION_DENIED', message: 'No.' } }
  say(socket, { id: secondId, status: 403, exc_type: 'PermissionError', message: error })
  say(socket, { id: firstId, message: 'done' })
  say(socket, { id: 999, message: 'nobody asked' })
  await refused
  t.equal(await first, 'done')
})

t.test('what waits for an answer when the connection is lost can be tried again', async (t) => {
  const { peer, realtime, socket } = await connected(t)
  const request = realtime.request('one', {})
  await peer.request()
  const states: string[] = []
  realtime.onState((state) => states.push(state))
  socket.terminate()
  const error = await request.then(
    () => null,
    (failure: unknown) => failure,
  )
  t.ok(error instanceof DeskError)
  t.match(error, { status: 0, retryable: true })
  ready(await peer.socket(2))
  await until(() => realtime.state === 'open')
  t.same(states, ['waiting', 'connecting', 'open'])
})

t.test('each attempt waits longer; a connection that was ready begins anew', async (t) => {
  const attempts: number[] = []
  const backoff = (attempt: number): number => {
    attempts.push(attempt)
    return 0
  }
  const { peer, realtime } = await setUp(t, { backoff })
  realtime.connect()
  for (const count of [1, 2, 3]) (await peer.socket(count)).close(1012)
  ready(await peer.socket(4))
  await until(() => realtime.state === 'open')
  ;(await peer.socket(4)).close(4429)
  await peer.socket(5)
  t.same(attempts, [0, 1, 2, 4], 'too many calls: a longer pause')
})

t.test('the network’s return, and the user’s, end the wait at once', async (t) => {
  for (const event of ['online', 'visible']) {
    await t.test(event, async (t) => {
      const { page, peer, realtime, socket } = await connected(t, { backoff: () => 3_600_000 })
      socket.close(1012)
      await until(() => realtime.state === 'waiting')
      if (event === 'online') page.window.dispatchEvent(new Event('online'))
      else page.show('visible')
      t.equal(realtime.state, 'connecting')
      await peer.socket(2)
      page.show('visible')
      t.equal(page.sockets.length, 2, 'one attempt at a time')
    })
  }
})

t.test('without a network the connection is given up at once', async (t) => {
  const { page, realtime } = await connected(t, { backoff: () => 3_600_000 })
  const request = t.rejects(realtime.request('one', {}), LOST)
  page.window.dispatchEvent(new Event('offline'))
  t.equal(realtime.state, 'waiting')
  await request
})

t.test('a request that meets silence ends the connection, a lively one does not', async (t) => {
  const silence = 250
  const { peer, realtime, socket } = await connected(t, { silence })
  const lively = realtime.request('slow', {})
  const { id } = await peer.request()
  const started = Date.now()
  realtime.on('beat', () => {
    if (Date.now() - started < 2 * silence) say(socket, { event: 'beat' })
    else say(socket, { event: 'enough' })
  })
  const enough = new Promise((resolve) => realtime.on('enough', resolve))
  say(socket, { event: 'beat' })
  await enough
  say(socket, { id, message: 'at last' })
  t.equal(await lively, 'at last')
  await t.rejects(realtime.request('never', {}), LOST)
  await peer.socket(2)
})

t.test('a server that accepts and says nothing is given up', async (t) => {
  const { peer, realtime } = await setUp(t, { ready: 20 })
  realtime.connect()
  await peer.socket(1)
  ready(await peer.socket(2))
  await until(() => realtime.state === 'open')
})

t.test('a session that ended is not tried again', async (t) => {
  const { page, peer, realtime, socket } = await connected(t)
  socket.close(4401)
  await until(() => realtime.state === 'idle')
  t.equal(realtime.problem, 'login')
  realtime.connect()
  page.show('visible')
  page.window.dispatchEvent(new Event('online'))
  t.equal(peer.sockets.length, 1)
  t.equal(realtime.state, 'idle')
})

t.test('another user’s socket is not used', async (t) => {
  const { peer, realtime } = await setUp(t)
  const heard: unknown[] = []
  realtime.on('news', (message) => heard.push(message))
  realtime.on('ready', (message) => heard.push(message))
  const socket = await peer.socket()
  const closed = once(socket, 'close')
  say(socket, { event: 'news', message: 'theirs' })
  ready(socket, { user: 'other@example.com' })
  await closed
  t.same(heard, [])
  t.equal(realtime.problem, 'login')
  t.equal(realtime.state, 'idle')
})

t.test('a newer protocol asks for a reload, and works on', async (t) => {
  const { peer, realtime } = await setUp(t)
  realtime.connect()
  ready(await peer.socket(), { protocol: 2 })
  await until(() => realtime.state === 'open')
  t.equal(realtime.problem, 'reload')
})
