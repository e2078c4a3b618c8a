import { createHmac } from 'node:crypto'
import t from 'tap'
import { iceServersFor, turnServer } from '../../../doctypes/chat_call_session/ice.ts'
import { callSettings } from '../../../doctypes/chat_call_session/settings.ts'
import { durationText } from '../../../doctypes/chat_call_session/texts.ts'

t.test('credentials of coturn’s shared-secret scheme', async (t) => {
  const turn = { urls: ['turn:turn.example'], secret: 'north', ttlSeconds: 3600 }
  const server = turnServer(turn, 'ann@test.example', 1_700_000_000_999)
  t.equal(server.username, '1700003600:ann@test.example')
  t.equal(server.credential, createHmac('sha1', 'north').update(server.username).digest('base64'))
  t.match(
    turnServer({ urls: [], secret: 'x' }, 'a', 0).username,
    /^43200:a$/,
    'twelve hours, unless told otherwise',
  )
  const iceServers = [{ urls: 'stun:a' }]
  t.same(iceServersFor({ iceServers, turn: undefined }, 'a', 0), iceServers)
  t.equal(iceServersFor({ iceServers, turn }, 'a', 0).length, 2)
})

t.test('what site_config.json says of calls', async (t) => {
  const of = (config: Record<string, unknown>) => callSettings({ config })
  t.match(of({}), { ringMs: 45_000, graceMs: 20_000, most: 4, iceServers: [], turn: undefined })
  t.match(of({ ring_timeout_seconds: 0.5, device_grace_seconds: 2 }), {
    ringMs: 500,
    graceMs: 2000,
    leaseMs: 3000,
  })
  t.match(of({ ring_timeout_seconds: -1, device_grace_seconds: 'x' }), { ringMs: 45_000, graceMs: 20_000 })
  t.match(of({ mesh_max_participants: 6 }), { most: 6 })
  t.match(of({ mesh_max_participants: 1 }), { most: 4 })
  t.match(of({ livekit: { url: 'wss://x' } }), { most: null })
  t.match(of({ turn: { urls: 'turn:a', secret: 's' } }).turn, { urls: ['turn:a'], secret: 's' })
  for (const turn of [{ urls: 'turn:a' }, { secret: 's' }, 'turn:a', null, { urls: [], secret: 's' }])
    t.equal(of({ turn }).turn, undefined)
  t.same(of({ ice_servers: ['x', null, { urls: 'stun:a' }] }).iceServers, [{ urls: 'stun:a' }])
})

t.test('how long a call was', async (t) => {
  t.same([0, 12, 60, 192, 3600, 3784].map(durationText), [
    '0 s',
    '12 s',
    '1 min',
    '3 min 12 s',
    '1 h',
    '1 h 3 min 4 s',
  ])
})
