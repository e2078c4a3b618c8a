import t from 'tap'
import fc from 'fast-check'
import {
  ABSENT,
  isAbsent,
  seenAt,
  statusOf,
  step,
  type PresenceEvent,
  type Status,
  type UserPresence,
} from '../../../realtime/presence/user-presence.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const rules = { grace: 20 * SECOND, idle: 3 * MINUTE, stale: 10 * MINUTE, pause: SECOND }
const T0 = 1_800_000_000_000

const DESK = 'desk'
const PHONE = 'phone'

/** A user to whom things happen at given times. */
class User {
  state: UserPresence = ABSENT
  at = T0
  /** What others were told, in order. */
  readonly told: Status[] = []

  after(ms: number, ...events: PresenceEvent[]): this {
    const until = this.at + ms
    // As the service does: whenever time alone changes something, and others are to be told.
    while (this.state.dueAt <= until && this.state.dueAt > this.at) {
      this.at = this.state.dueAt
      this.#step({ type: 'tell' })
    }
    this.at = until
    for (const event of events) this.#step(event)
    this.#step({ type: 'tell' })
    return this
  }

  get status(): Status {
    return statusOf(this.state, this.at, rules)
  }

  #step(event: PresenceEvent): void {
    const { told } = this.state
    this.state = step(this.state, event, this.at, rules)
    if (this.state.told !== null && this.state.told !== told) this.told.push(this.state.told)
  }
}

const open = (device: string, socket = device): PresenceEvent => ({ type: 'open', device, socket })
const close = (device: string, socket = device): PresenceEvent => ({ type: 'close', device, socket })
const beat = (device?: string): PresenceEvent => ({ type: 'beat', device })
const choose = (status: Status, device?: string): PresenceEvent => ({ type: 'choose', status, device })
const call = (active: boolean): PresenceEvent => ({ type: 'call', active })

t.test('a socket brings online; the last one that goes brings offline after the grace', async (t) => {
  const user = new User().after(0, open(DESK))
  t.equal(user.status, 'online')
  user.after(5 * SECOND, close(DESK)).after(19.9 * SECOND)
  t.equal(user.status, 'online')
  user.after(0.1 * SECOND)
  t.equal(user.status, 'offline')
  t.same(user.told, ['online', 'offline'])
  t.equal(seenAt(user.state, user.at + MINUTE), T0 + 5 * SECOND, 'last seen when the socket went')
  t.ok(isAbsent(user.state), 'nothing is kept of somebody who is gone')
  t.equal(user.state.dueAt, Infinity)
})

t.test('a page that is loaded again is never offline', async (t) => {
  const user = new User().after(0, open(DESK, 's1'))
  for (let i = 2; i < 30; i++) {
    user
      .after(19 * SECOND, close(DESK, `s${String(i - 1)}`))
      .after(15 * SECOND, open(DESK, `s${String(i)}`), beat(DESK))
  }
  t.same(user.told, ['online'])
  user.after(0, close(DESK, 's1'), close('elsewhere', 's29'))
  t.equal(user.status, 'online', 'a socket that is long gone, or of another device, closes nothing')
})

t.test('several devices, and several sockets of one', async (t) => {
  const user = new User().after(0, open(DESK), open(PHONE, 'p1'), open(PHONE, 'p2'))
  user.after(SECOND, close(PHONE, 'p1')).after(MINUTE, close(DESK)).after(MINUTE)
  t.equal(user.status, 'online', 'the phone’s second socket')
  user.after(SECOND, close(PHONE, 'p2')).after(20 * SECOND)
  t.same(user.told, ['online', 'offline'])
})

t.test('away when nobody gives a sign; not offline while a socket lives', async (t) => {
  const user = new User()
    .after(0, open(DESK))
    .after(MINUTE, beat(DESK))
    .after(3 * MINUTE - 1)
  t.equal(user.status, 'online')
  user.after(1)
  t.equal(user.status, 'away')
  user.after(24 * 60 * MINUTE)
  t.equal(user.status, 'away', 'a hidden tab of yesterday')
  user.after(0, beat(DESK))
  t.same(user.told, ['online', 'away', 'online'])
  t.equal(user.state.lastActivity, user.at)
})

t.test('who is away stays away when a hidden page connects again', async (t) => {
  const user = new User().after(0, open(DESK, 's1')).after(10 * MINUTE)
  user
    .after(0, close(DESK, 's1'))
    .after(2 * SECOND, open(DESK, 's2'))
    .after(MINUTE)
  t.same(user.told, ['online', 'away'])
  user.after(0, open(PHONE))
  t.equal(user.status, 'online', 'another page is another matter')
})

t.test('somebody at one device is there, whatever the others do', async (t) => {
  const user = new User().after(0, open(DESK), open(PHONE))
  for (let i = 0; i < 20; i++) user.after(25 * SECOND, beat(PHONE))
  t.equal(user.status, 'online')
  user.after(0, close(PHONE)).after(19 * SECOND)
  t.equal(user.status, 'online')
  user.after(SECOND)
  t.equal(user.status, 'away', 'only the desk is left, and nobody at it')
})

t.test('busy during a call, while there is somebody at all', async (t) => {
  const user = new User().after(0, call(true))
  t.equal(user.status, 'offline')
  user.after(0, open(DESK))
  t.equal(user.status, 'busy')
  user.after(10 * MINUTE)
  t.equal(user.status, 'busy', 'who talks does not type')
  user.after(0, choose('away', DESK))
  t.equal(user.status, 'busy')
  user.after(SECOND, call(false))
  t.equal(user.status, 'away', 'the choice is there again')
  user
    .after(SECOND, choose('online', DESK), call(true))
    .after(SECOND, close(DESK))
    .after(20 * SECOND)
  t.equal(user.status, 'offline')
})

t.test('a status set by hand stays until the user is online again by hand', async (t) => {
  const user = new User().after(0, open(DESK), choose('busy', DESK)).after(5 * MINUTE, beat(DESK))
  t.equal(user.status, 'busy')
  user.after(0, close(DESK)).after(20 * SECOND)
  t.equal(user.status, 'offline', 'but nobody is busy who is not there')
  t.notOk(isAbsent(user.state))
  user.after(MINUTE, open(PHONE))
  t.equal(user.status, 'busy')
  user.after(SECOND, choose('online', PHONE))
  t.equal(user.status, 'online')
})

t.test('who chooses to look offline looks like one who went at that moment', async (t) => {
  const user = new User()
    .after(0, open(DESK))
    .after(MINUTE, beat(DESK))
    .after(MINUTE, choose('offline', DESK))
  const [seen, active] = [user.at, user.at - MINUTE]
  user.after(MINUTE, beat(DESK), call(true)).after(MINUTE, open(PHONE)).after(MINUTE, choose('offline'))
  t.equal(user.status, 'offline')
  t.equal(seenAt(user.state, user.at), seen)
  t.equal(user.state.lastActivity, active)
  user.after(0, close(DESK), close(PHONE)).after(MINUTE)
  t.equal(seenAt(user.state, user.at), seen)
  t.same(user.told, ['online', 'offline'])
})

t.test('callers without a socket: there by their beats alone', async (t) => {
  const user = new User().after(0, beat())
  for (let i = 0; i < 10; i++) user.after(MINUTE, beat())
  t.equal(user.status, 'online')
  user.after(3 * MINUTE)
  t.equal(user.status, 'away')
  user.after(7 * MINUTE)
  t.equal(user.status, 'offline')
  t.equal(seenAt(user.state, user.at), T0 + 10 * MINUTE)
  user.after(MINUTE, choose('online'))
  t.equal(user.status, 'online', 'setting a status is a sign of life')
})

t.test('a call that names no device is by one that is connected', async (t) => {
  const user = new User().after(0, open(DESK), open(PHONE)).after(MINUTE, beat(PHONE), beat())
  t.same(Object.keys(user.state.devices), [DESK, PHONE])
  user.after(0, close(DESK), close(PHONE)).after(20 * SECOND)
  t.equal(user.status, 'offline', 'so it does not keep anybody there who is gone')
})

t.test('made-up devices are bounded', async (t) => {
  const user = new User().after(0, open(DESK))
  for (let i = 0; i < 500; i++) user.after(1, beat(`made-up-${String(i)}`))
  const names = Object.keys(user.state.devices)
  t.equal(names.length, 21)
  t.ok(names.includes(DESK) && names.includes('made-up-499'))
})

t.test('the room that a user looks at', async (t) => {
  const user = new User().after(0, open(DESK), { type: 'enter', room: 'CR-1', device: DESK })
  user.after(SECOND, { type: 'leave', room: 'CR-2' })
  t.equal(user.state.activeRoom, 'CR-1')
  user.after(SECOND, { type: 'leave', room: 'CR-1' })
  t.equal(user.state.activeRoom, null)
  user.after(SECOND, { type: 'enter', room: 'CR-3', device: DESK }, close(DESK)).after(20 * SECOND)
  t.equal(user.state.activeRoom, null, 'who is gone looks at none')
})

t.test('others are told once of a change, at most once a second, and of the last', async (t) => {
  const user = new User().after(0, open(DESK))
  for (let i = 0; i < 10; i++) user.after(50, choose(i % 2 ? 'busy' : 'away', DESK))
  t.same(user.told, ['online'])
  user.after(SECOND)
  t.same(user.told, ['online', 'busy'])
  user.after(2 * SECOND, choose('online', DESK), choose('busy', DESK)).after(10 * SECOND)
  t.same(user.told, ['online', 'busy'], 'what did not change is not told')
  user.after(0, { type: 'unheard' }).after(SECOND)
  t.same(user.told, ['online', 'busy', 'busy'], 'what nobody heard is told again')
})

t.test('after a restart', async (t) => {
  const stored = {
    status: 'away',
    chosen: null,
    activeRoom: 'CR-1',
    lastActivity: T0 - 5 * MINUTE,
    lastSeen: T0,
  } as const
  const back = new User().after(0, { type: 'restore', stored }).after(5 * SECOND, open(DESK))
  back.after(MINUTE)
  t.equal(back.status, 'away', 'a hidden page that connects again')
  t.same(back.told, ['away'], 'which others knew before')
  t.equal(back.state.lastActivity, stored.lastActivity)

  const gone = new User().after(0, { type: 'restore', stored: { ...stored, status: 'busy', chosen: 'busy' } })
  gone.after(19 * SECOND)
  t.equal(gone.status, 'busy')
  gone.after(SECOND)
  t.same([gone.status, gone.state.chosen, gone.state.activeRoom], ['offline', 'busy', null])
  gone.after(SECOND, open(DESK))
  t.equal(gone.status, 'busy')

  const quick = new User().after(0, open(DESK), choose('away', DESK), {
    type: 'restore',
    stored: { ...stored, chosen: 'busy' },
  })
  t.equal(quick.state.chosen, 'away', 'what is known already is newer')
})

t.test('whatever happens', async (t) => {
  const device = fc.constantFrom(DESK, PHONE)
  const socket = fc.constantFrom('s1', 's2', 's3')
  const status = fc.constantFrom<Status>('online', 'away', 'busy', 'offline')
  const event = fc.oneof<fc.Arbitrary<PresenceEvent>[]>(
    fc.record({ type: fc.constantFrom('open', 'close'), device, socket }),
    fc.record({ type: fc.constant('beat'), device: fc.option(device, { nil: undefined }) }),
    fc.record({ type: fc.constant('choose'), status, device }),
    fc.record({ type: fc.constant('call'), active: fc.boolean() }),
    fc.record({ type: fc.constant('enter'), room: fc.constant('CR-1'), device }),
    fc.record({ type: fc.constantFrom('tell', 'time') }),
  )
  const wait = fc.constantFrom(0, 1, 900, SECOND, 10 * SECOND, 20 * SECOND, MINUTE, 3 * MINUTE, 11 * MINUTE)
  fc.assert(
    fc.property(fc.array(fc.tuple(wait, event), { maxLength: 40 }), (history) => {
      const user = new User()
      const toldAt: number[] = []
      for (const [ms, what] of history) {
        const before = user.told.length
        user.after(ms, what)
        if (user.told.length > before) toldAt.push(user.state.toldAt)
        const connected = Object.values(user.state.devices).some(({ sockets }) => sockets.length > 0)
        if (user.status !== 'offline') t.ok(Object.keys(user.state.devices).length > 0)
        if (connected && user.state.chosen !== 'offline' && user.status === 'offline') return false
        if (user.state.dueAt < user.at && user.state.told === user.status) return false
      }
      if (!user.told.every((status, i) => status !== (i === 0 ? 'offline' : user.told[i - 1]))) return false
      if (!toldAt.every((at, i) => i === 0 || at - (toldAt[i - 1] ?? 0) >= rules.pause)) return false
      // In the end, with nobody there, everybody knows it, and nothing is left to do.
      const sockets = Object.entries(user.state.devices).flatMap(([name, d]) =>
        d.sockets.map((id) => close(name, id)),
      )
      user.after(0, ...sockets).after(11 * MINUTE)
      return user.status === 'offline' && user.state.told === 'offline' && user.state.dueAt === Infinity
    }),
    { numRuns: 2000 },
  )
})
