import fc from 'fast-check'
import t from 'tap'
import {
  begin,
  isOver,
  joined,
  lasted,
  placeOf,
  ringing,
  spent,
  type Call,
} from '../../../doctypes/chat_call_session/call.ts'
import { nextDeadline } from '../../../doctypes/chat_call_session/ends.ts'
import {
  step,
  withLives,
  type CallEffect,
  type CallEvent,
} from '../../../doctypes/chat_call_session/machine.ts'

const SECOND = 1000
const RING = 45 * SECOND
const GRACE = 20 * SECOND
const LONG = 1e9

const calling = (...invited: string[]): Call =>
  begin({
    ...{ initiator: 'ann', device: 'ann-1', type: 'Audio', invited, at: 0 },
    ...{ ringsUntil: RING, aliveUntil: LONG },
  })

type Said = CallEvent extends infer E ? (E extends CallEvent ? Omit<E, 'at'> : never) : never

/** A call after these events, each at its second; with all that was told. */
function after(call: Call, ...events: readonly (readonly [second: number, event: Said])[]) {
  const told: CallEffect[] = []
  let current = call
  for (const [second, event] of events) {
    const [next, effects] = step(current, { ...event, at: second * SECOND })
    current = next
    told.push(...effects)
  }
  return { call: current, told: told.map((effect) => effect.do), last: told.at(-1) }
}

const join = (user: string, device = `${user}-1`, takeover = false): Said => ({
  type: 'join',
  user,
  device,
  takeover,
  aliveUntil: LONG,
})
const tick: Said = { type: 'tick' }
const leave = (user: string): Said => ({ type: 'leave', user })
const reject = (user: string): Said => ({ type: 'reject', user })
const failed = (user: string): Said => ({
  type: 'device_state',
  user,
  device: `${user}-1`,
  state: { media: 'failed' },
})

t.test('it rings once a device shows it, and connects with the second person', async (t) => {
  const ringing = after(calling('ben'), [1, { type: 'ack', user: 'ben', device: 'ben-1' }])
  t.match(ringing.call, { status: 'Ringing', places: [{ status: 'Joined' }, { status: 'Ringing' }] })
  const again = after(ringing.call, [2, { type: 'ack', user: 'ben', device: 'ben-2' }])
  t.same([ringing.told, again.told], [['tell_ringing'], []], 'told once')
  const { call, told } = after(ringing.call, [3, join('ben')])
  t.match(call, { status: 'Connected', connectedAt: 3000 })
  t.same(told, ['tell_joined'])
})

t.test('which end is which', async (t) => {
  const ends = (call: Call, ...events: Parameters<typeof after>[1][]) => after(call, ...events).call.status
  t.equal(ends(calling('ben', 'cleo'), [5, leave('ann')]), 'Missed', 'the caller hangs up first')
  t.equal(ends(calling('ben'), [44.9, tick]), 'Initiated')
  t.equal(ends(calling('ben'), [45, tick]), 'Missed', 'ring time over')
  t.equal(ends(calling('ben', 'cleo'), [1, reject('ben')]), 'Initiated')
  t.equal(ends(calling('ben', 'cleo'), [1, reject('ben')], [2, reject('cleo')]), 'Rejected')
  t.equal(ends(calling('ben', 'cleo'), [1, reject('ben')], [45, tick]), 'Missed', 'one rejected')
  t.equal(ends(calling('ben'), [1, join('ben')], [9, leave('ann')]), 'Ended')
  t.equal(ends(calling('ben', 'cleo'), [1, join('ben')], [9, leave('ann')]), 'Connected', 'cleo may come')
  t.equal(ends(calling('ben', 'cleo'), [1, join('ben')], [9, leave('ann')], [45, tick]), 'Ended')
  const up = [1, join('ben')] as const
  t.equal(ends(calling('ben'), up, [5, failed('ann')], [90, tick]), 'Connected', 'one has media')
  t.equal(ends(calling('ben'), up, [5, failed('ann')], [8, failed('ben')], [37.9, tick]), 'Connected')
  t.equal(ends(calling('ben'), up, [5, failed('ann')], [8, failed('ben')], [38, tick]), 'Failed')
  const recovered: Said = {
    type: 'device_state',
    user: 'ben',
    device: 'ben-1',
    state: { media: 'connected' },
  }
  t.equal(
    ends(calling('ben'), up, [5, failed('ann')], [8, failed('ben')], [20, recovered], [99, tick]),
    'Connected',
  )
  t.equal(ends(calling('ben'), up, [9, { type: 'room_archived' }]), 'Ended')
  t.equal(ends(calling('ben'), [9, { type: 'room_archived' }]), 'Missed')
  t.equal(ends(calling('ben'), up, [9, { type: 'member_removed', user: 'ben' }]), 'Ended')
  t.equal(ends(calling('ben'), up, [9, { type: 'user_disabled', user: 'ann' }]), 'Ended')
  t.equal(
    ends(calling('ben', 'cleo'), [2, reject('ben')], [9, { type: 'member_removed', user: 'cleo' }]),
    'Rejected',
    'who was taken out is not asked any more',
  )
})

t.test('a device that is gone has its grace', async (t) => {
  const gone: Said = { type: 'device_gone', user: 'ben', device: 'ben-1', aliveUntil: 10 * SECOND + GRACE }
  const lost = after(calling('ben', 'cleo'), [1, join('ben')], [2, join('cleo')], [10, gone])
  t.match(placeOf(lost.call, 'ben'), { status: 'Joined', gone: true })
  const { call, told } = after(lost.call, [60, tick])
  t.match(
    placeOf(call, 'ben'),
    { status: 'Left', lastLeft: 30_000, spent: 29_000 },
    'at its instant, not the sweep’s',
  )
  t.same(told, ['tell_left'])
  const back = after(lost.call, [20, { type: 'device_back', user: 'ben', device: 'ben-1', aliveUntil: LONG }])
  t.match(placeOf(after(back.call, [60, tick]).call, 'ben'), { status: 'Joined', gone: false })
  const other: Said = { ...gone, device: 'ben-9' }
  t.equal(after(lost.call, [11, other]).call, lost.call, 'another device of his means nothing')
  const living = withLives(lost.call, (user) => (user === 'ben' ? { until: LONG, isThere: true } : undefined))
  t.match(placeOf(after(living, [60, tick]).call, 'ben'), { status: 'Joined', gone: false })
})

t.test('one place, several devices', async (t) => {
  const { call } = after(calling('ben'), [1, join('ben')])
  t.equal(
    after(call, [2, join('ben', 'ben-2')]).call,
    call,
    'a second device does not take the place by itself',
  )
  const taken = after(call, [2, join('ben', 'ben-2', true)])
  t.match(placeOf(taken.call, 'ben'), { status: 'Joined', device: 'ben-2', since: 1000 })
  t.match(taken.last, { do: 'tell_joined', device: 'ben-2' })
  const late: Said = { type: 'leave', user: 'ben', device: 'ben-1' }
  t.equal(after(taken.call, [3, late]).call, taken.call, 'the old device leaves nothing')
  const gone: Said = { type: 'device_gone', user: 'ben', device: 'ben-1', aliveUntil: LONG }
  const moved = after(call, [2, gone], [3, join('ben', 'ben-2')])
  t.match(placeOf(moved.call, 'ben'), { device: 'ben-2', gone: false }, 'nor is one asked that is gone')
  t.same(after(call, [2, join('ben')]).told, [], 'joining again tells nobody')
})

t.test('those who come late, come back, are asked in', async (t) => {
  const { call, told } = after(
    calling('ben'),
    [1, join('ben')],
    [2, join('dora')],
    [4, leave('dora')],
    [5, { type: 'invite', user: 'ann', users: ['dora', 'ben', 'cleo'], ringsUntil: 50_000 }],
    [7, join('dora')],
    [10, leave('dora')],
  )
  t.match(placeOf(call, 'dora'), { status: 'Left', firstJoined: 2000, lastLeft: 10_000, spent: 5000 })
  t.match(placeOf(call, 'cleo'), { status: 'Invited', ringsUntil: 50_000 })
  t.ok(told.includes('ring'))
  const video = after(call, [11, { type: 'upgrade', to: 'Video' }], [12, { type: 'upgrade', to: 'Video' }])
  t.equal(video.call.type, 'Video')
  t.same(video.told, ['tell_upgraded'])
})

const USERS = ['ann', 'ben', 'cleo', 'dora'] as const
const user = fc.constantFrom(...USERS)
const device = fc.constantFrom('1', '2')
const when = { at: fc.integer({ min: 0, max: 200 * SECOND }) }
const anEvent: fc.Arbitrary<CallEvent> = fc.oneof(
  fc.record({ type: fc.constant('tick' as const), ...when }),
  fc.record({ type: fc.constant('ack' as const), user, device, ...when }),
  fc
    .record({ type: fc.constant('join' as const), user, device, takeover: fc.boolean(), ...when })
    .map((event) => ({ ...event, aliveUntil: event.at + GRACE })),
  fc.record({ type: fc.constant('reject' as const), user, ...when }),
  fc.record({ type: fc.constant('leave' as const), user, ...when }),
  fc.record({ type: fc.constant('leave' as const), user, device, ...when }),
  fc
    .record({ type: fc.constant('invite' as const), user, users: fc.uniqueArray(user), ...when })
    .map((event) => ({ ...event, ringsUntil: event.at + RING })),
  fc.record({
    type: fc.constant('device_state' as const),
    ...{ user, device, ...when },
    state: fc.record({ media: fc.constantFrom('connecting', 'connected', 'failed') }),
  }),
  fc
    .record({ type: fc.constantFrom('device_gone', 'device_back'), user, device, ...when })
    .map((event) => ({ ...event, aliveUntil: event.at + GRACE })),
  fc.record({ type: fc.constantFrom('member_removed', 'user_disabled'), user, ...when }),
  fc.record({ type: fc.constant('upgrade' as const), to: fc.constant('Video' as const), ...when }),
)
/** Most events leave a call running, so that long histories are met. */
const events = fc.array(anEvent, { maxLength: 40, size: 'max' })
const aCall = fc
  .subarray(['ben', 'cleo', 'dora'], { minLength: 1 })
  .map((invited) => ({ ...calling(...invited), places: calling(...invited).places }))

const run = (call: Call, history: readonly CallEvent[]): Call =>
  history.reduce((current, event) => step(current, event)[0], call)

const RUNS = { numRuns: 2000 }

t.test('no call without an end once its deadlines have passed', async () => {
  fc.assert(
    fc.property(aCall, events, (start, history) => {
      const call = run(
        { ...start, places: start.places.map((p) => ({ ...p, aliveUntil: p.aliveUntil && GRACE })) },
        history,
      )
      const [end] = step(call, { type: 'tick', at: 1000 * SECOND })
      return isOver(end) && end.endedAt !== null && nextDeadline(end) === null
    }),
    RUNS,
  )
})

t.test('times are in order, durations are not negative, and the status tells the truth', async () => {
  fc.assert(
    fc.property(aCall, events, (start, history) => {
      let call = start
      for (const event of history) {
        const [next, effects] = step(call, event)
        if (next.now < call.now || lasted(next) < 0) return false
        if (isOver(call) && (next !== call || effects.length > 0)) return false
        if (next === call && effects.length > 0) return false
        if (isOver(next) !== (next.endedAt !== null)) return false
        if (isOver(next) && (joined(next).length > 0 || ringing(next).length > 0)) return false
        if (!isOver(next) && joined(next).length + ringing(next).length < 2) return false
        if (
          effects.filter((effect) => effect.do === 'tell_ended').length !==
          (isOver(next) && next !== call ? 1 : 0)
        )
          return false
        for (const place of next.places) {
          const stay = spent(place, next)
          const whole = (next.endedAt ?? next.now) - next.startedAt
          if (stay < 0 || stay > whole || place.spent < (placeOf(call, place.user)?.spent ?? 0)) return false
          if ((place.status === 'Joined') !== (place.device !== null && place.since !== null)) return false
        }
        if (new Set(next.places.map((place) => place.user)).size !== next.places.length) return false
        call = next
      }
      return true
    }),
    RUNS,
  )
})

t.test('whoever sweeps, whenever: the state is the same', async () => {
  const inOrder = events.map((history) => history.toSorted((a, b) => a.at - b.at))
  const sweeps = fc.array(fc.integer({ min: 0, max: 200 * SECOND }), { maxLength: 30 })
  fc.assert(
    fc.property(aCall, inOrder, sweeps, (start, history, times) => {
      const ticks = times.map((at): CallEvent => ({ type: 'tick', at }))
      const both = [...history, ...ticks].toSorted((a, b) => a.at - b.at)
      const finish: CallEvent = { type: 'tick', at: 200 * SECOND }
      const [alone, swept] = [run(start, [...history, finish]), run(start, [...both, finish])]
      return JSON.stringify({ ...alone, now: 0 }) === JSON.stringify({ ...swept, now: 0 })
    }),
    RUNS,
  )
})

t.test('what is stored and read again goes on the same: two processes take turns', async () => {
  fc.assert(
    fc.property(aCall, events, (start, history) => {
      const stored = history.reduce(
        (text, event) => JSON.stringify(step(JSON.parse(text) as Call, event)[0]),
        JSON.stringify(start),
      )
      return stored === JSON.stringify(run(start, history))
    }),
    RUNS,
  )
})

t.test('an event that comes twice is one event', async () => {
  const once = anEvent.filter(({ type }) => type !== 'invite' && type !== 'ack')
  fc.assert(
    fc.property(aCall, events, once, (start, history, event) => {
      const first = run(start, [...history, event])
      const [second] = step(first, event)
      return JSON.stringify({ ...first, now: 0 }) === JSON.stringify({ ...second, now: 0 })
    }),
    RUNS,
  )
})
