import t from 'tap'
import { MemoryBus } from '../../../desk/realtime/bus.ts'
import { sessionDevice } from '../../../desk/realtime/device.ts'
import { Allowance, parseCall } from '../../../desk/realtime/frames.ts'
import { Hub, type Peer } from '../../../desk/realtime/hub.ts'
import { originAllowed } from '../../../desk/realtime/origin.ts'

interface Heard extends Peer {
  heard: string[]
  closedWith: number | undefined
}

const peer = (user: string, session?: string): Heard => {
  const self: Heard = {
    user,
    session,
    heard: [],
    closedWith: undefined,
    send: (frame) => self.heard.push((JSON.parse(frame) as { event: string }).event),
    close: (code) => {
      self.closedWith = code
    },
  }
  return self
}

const setup = () => {
  const bus = new MemoryBus()
  const hub = new Hub(bus)
  const say = (event: string, room: string): void =>
    bus.publish([{ type: 'event', room, event, message: null }])
  const move = (type: 'join' | 'leave', user: string, room: string): void =>
    bus.publish([{ type, users: [user], room }])
  return { bus, hub, say, move }
}
const rooms = (...names: string[]) => ({ rooms: names })

t.test('events go to the members of a channel, from the joining to the leaving', async (t) => {
  const { hub, say, move } = setup()
  const [a, b] = [peer('a'), peer('b')]
  await hub.add(a, async () => rooms('r'))
  await hub.add(b, async () => rooms())
  say('1', 'r')
  move('join', 'b', 'r')
  say('2', 'r')
  move('leave', 'a', 'r')
  say('3', 'r')
  t.same(a.heard, ['1', '2'])
  t.same(b.heard, ['2', '3'])
})

t.test('one device of a user hears what is for it alone; a page goes by its login’s name too', async (t) => {
  const { bus, hub } = setup()
  const login = sessionDevice({ user: 'a', session: 's1' })
  const [page, other] = [
    { ...peer('a', 's1'), devices: ['d1', login] },
    { ...peer('a', 's2'), devices: ['d2', sessionDevice({ user: 'a', session: 's2' })] },
  ]
  const plain = peer('a')
  for (const each of [page, other, plain]) await hub.add(each, async () => rooms('user:a'))
  for (const [event, device] of [
    ['1', 'd1'],
    ['2', login],
    ['3', 'd3'],
  ] as const) {
    bus.publish([{ type: 'event', room: 'user:a', event, message: null, device }])
  }
  t.same([page.heard, other.heard, plain.heard], [['1', '2'], [], []])
  t.match(login, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  t.not(login, sessionDevice({ user: 'b', session: 's1' }))
})

t.test('all sockets of a user move together; a socket that is gone hears nothing', async (t) => {
  const { hub, say, move } = setup()
  const [first, second] = [peer('a'), peer('a')]
  await hub.add(first, async () => rooms())
  await hub.add(second, async () => rooms())
  move('join', 'a', 'r')
  hub.remove(first)
  hub.remove(first)
  say('1', 'r')
  t.same([first.heard, second.heard], [[], ['1']])
  hub.remove(second)
  t.equal(hub.size, 0)
  hub.join(second, 'r')
  say('2', 'r')
  t.same(second.heard, ['1'], 'and cannot join again')
})

t.test('a membership that changes while a socket opens counts after what was read', async (t) => {
  const { hub, say, move } = setup()
  const late = peer('a')
  await hub.add(late, async () => {
    // The read began before these; they are newer than what it answers.
    move('leave', 'a', 'left')
    move('join', 'a', 'joined')
    move('join', 'a', 'both')
    move('leave', 'a', 'both')
    return rooms('left', 'stays')
  })
  for (const room of ['left', 'joined', 'both', 'stays']) say(room, room)
  t.same(late.heard, ['joined', 'stays'])
})

t.test('an event for several channels reaches each socket once, and not whom it leaves out', async (t) => {
  const { bus, hub } = setup()
  const [both, second, other, out] = [peer('a'), peer('b'), peer('c'), peer('d')]
  await hub.add(both, async () => rooms('r', 's'))
  await hub.add(second, async () => rooms('s'))
  await hub.add(other, async () => rooms('x'))
  await hub.add(out, async () => rooms('r', 's'))
  let asked = 0
  const may = (answer: boolean) => async () => {
    asked += 1
    return answer
  }
  hub.subscribe(both, 'watched', may(false))
  hub.subscribe(other, 'watched', may(true))
  bus.publish([
    { type: 'event', room: 'watched', also: ['r', 's'], except: 'd', event: '1', message: null },
    { type: 'event', room: 'r', except: 'a', event: '2', message: null },
  ])
  await new Promise(setImmediate)
  t.same([both.heard, second.heard, other.heard, out.heard], [['1'], ['1'], ['1'], ['2']])
  t.equal(asked, 1, 'who hears it anyway is not asked about')
})

t.test('a socket that closes while it opens is not kept', async (t) => {
  const { hub, say } = setup()
  const gone = peer('a')
  await hub.add(gone, async () => {
    hub.remove(gone)
    return rooms('r')
  })
  say('1', 'r')
  t.same(gone.heard, [])
  t.equal(hub.size, 0)
})

t.test('a failure to read the channels is the caller’s to handle, and later moves still count', async (t) => {
  const { hub, say, move } = setup()
  const unlucky = peer('a')
  await t.rejects(
    hub.add(unlucky, () => Promise.reject(new Error('no database'))),
    { message: 'no database' },
  )
  move('join', 'a', 'r')
  say('1', 'r')
  t.same(unlucky.heard, ['1'])
  hub.remove(unlucky)
  t.equal(hub.size, 0)
})

t.test('closing: one session’s sockets, or all of a user', async (t) => {
  const { bus, hub } = setup()
  const [one, two, other] = [peer('a', 's1'), peer('a', 's2'), peer('b', 's3')]
  for (const each of [one, two, other]) await hub.add(each, async () => rooms())
  bus.publish([{ type: 'close', target: { session: 's1' }, code: 4401, reason: 'x' }])
  t.same([one.closedWith, two.closedWith, other.closedWith], [4401, undefined, undefined])
  bus.publish([{ type: 'close', target: { user: 'a' }, code: 4402, reason: 'x' }])
  t.same([one.closedWith, two.closedWith, other.closedWith], [4402, 4402, undefined])
  hub.close()
  bus.publish([{ type: 'close', target: { user: 'b' }, code: 4401, reason: 'x' }])
  t.equal(other.closedWith, undefined, 'a closed hub hears the bus no more')
})

t.test('frames that are calls', async (t) => {
  t.same(parseCall('{"id":1,"method":"m"}'), { id: 1, method: 'm', args: {} })
  t.same(parseCall('{"id":"a","method":"m","args":{"x":1}}'), { id: 'a', method: 'm', args: { x: 1 } })
  for (const text of [
    '',
    '{',
    'null',
    '7',
    '[]',
    '{}',
    '{"id":1}',
    '{"method":"m"}',
    '{"id":null,"method":"m"}',
  ]) {
    t.equal(parseCall(text), null, text)
  }
  for (const args of ['[]', '"x"', 'null', '1'])
    t.equal(parseCall(`{"id":1,"method":"m","args":${args}}`), null, args)
})

t.test('calls: some at once, then at a rate', async (t) => {
  const allowance = new Allowance(3, 2, 0)
  t.same(
    [1, 2, 3, 4].map(() => allowance.take(0)),
    [true, true, true, false],
  )
  t.same([allowance.take(400), allowance.take(500), allowance.take(500)], [false, true, false])
  t.same(
    [1, 2, 3, 4].map(() => allowance.take(60_000)),
    [true, true, true, false],
  )
})

t.test('origins: the site’s own, its host_name, those listed', async (t) => {
  const config = { host_name: 'https://chat.example', allow_cors: ['https://friend.example'] }
  for (const origin of [undefined, 'http://site:8000', 'https://chat.example', 'https://friend.example']) {
    t.equal(originAllowed(origin, 'site:8000', config), true, String(origin))
  }
  for (const origin of [
    'http://site',
    'http://site:8001',
    'http://evil.example',
    'https://chat.example.evil.example',
    'http://friend.example',
    'null',
    '',
    'site:8000',
  ]) {
    t.equal(originAllowed(origin, 'site:8000', config), false, origin)
  }
  t.equal(originAllowed('http://any.example', 'site', { allow_cors: '*' }), true)
  t.equal(originAllowed('http://site', undefined, {}), false)
})
