import t from 'tap'
import { openDevice, settled, type Device } from '../../support/calls.ts'
import { eachDatabase } from '../../support/databases.ts'
import type { Body } from '../../support/server.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { wireSite } from '../../support/wire.ts'

const OFFER = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n' }
const CANDIDATE = { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 }

await eachDatabase(t, 'signals', async (t, db) => {
  const wire = await wireSite(t, db)
  Object.assign(wire.site.config, {
    ice_servers: [{ urls: ['stun:stun.example:3478'] }],
    turn: { urls: ['turn:turn.example:3478'], secret: 'deep secret', ttl_seconds: 600 },
  })
  const [ann, ben, phone, cleo, olaf] = (await Promise.all(
    [ANN, BEN, BEN, CLEO, OUTSIDER].map((user) => openDevice(t, wire, user)),
  )) as [Device, Device, Device, Device, Device]
  const everybody = [ann, ben, phone, cleo, olaf]
  const room = await wire.room(ANN, [BEN, CLEO])
  const started = (await ann.call('initiate_call', { room_id: room })).message.data
  const call = started.call_session_id as string
  await ben.call('join_call', { call_session_id: call })
  const signal = (from: Device, args: Record<string, unknown> = {}) =>
    from.call('send_webrtc_signal', {
      ...{ call_session_id: call, signal_type: 'offer', signal_data: OFFER, target_user: BEN },
      ...args,
    })
  const relayed = async (): Promise<number[]> => {
    await settled(wire, ...everybody)
    return everybody.map((device) => device.heard('webrtc_signal').length)
  }

  await t.test('everybody gets credentials of their own', async (t) => {
    await settled(wire, ben, cleo)
    const [own, bens, cleos] = [
      started.ice_servers,
      ben.heard('call_initiated').at(-1).ice_servers,
      cleo.heard('call_initiated').at(-1).ice_servers,
    ]
    for (const [servers, user] of [
      [own, ANN],
      [bens, BEN],
      [cleos, CLEO],
    ] as const) {
      t.same(servers[0], { urls: ['stun:stun.example:3478'] })
      t.match(servers[1], { urls: ['turn:turn.example:3478'], credential: /^[\w+/]{27}=$/ })
      const [expires, name] = String(servers[1].username).split(/:(.*)/)
      t.equal(name, user)
      t.ok(Math.abs(Number(expires) - Date.now() / 1000 - 600) < 30)
    }
    const row: Body = await wire.site.database.reader('tabChat Call Session').where({ name: call }).first()
    t.notMatch(JSON.stringify(row), /secret|credential/)
  })

  await t.test('to the joined device of the other alone', async (t) => {
    const sent = await signal(ann, { connection_id: 'c1' })
    t.same(sent.message, {
      success: true,
      message: 'Signal sent',
      data: { target_user: BEN, to_device: ben.id },
    })
    t.same(await relayed(), [0, 1, 0, 0, 0])
    t.same(ben.heard('webrtc_signal'), [
      {
        ...{ call_session_id: call, session_id: started.session_id, room_id: room },
        ...{ signal_type: 'offer', signal_data: OFFER, connection_id: 'c1' },
        ...{ from_user: ANN, from_device: ann.id, to_user: BEN, to_device: ben.id },
      },
    ])
    const answer = { signal_type: 'answer', signal_data: JSON.stringify({ ...OFFER, type: 'answer' }) }
    t.equal((await ben.post('send_webrtc_signal', { call_session_id: call, ...answer })).status, 200)
    t.same(await relayed(), [1, 1, 0, 0, 0], 'over HTTP too; with two in it the other is meant')
    t.match(ann.heard('webrtc_signal'), [{ from_user: BEN, from_device: ben.id, connection_id: null }])
  })

  await t.test('in the order in which they were sent', async (t) => {
    const before = ben.heard('webrtc_signal').length
    const many = Array.from({ length: 60 }, (_, i) => ({ ...CANDIDATE, usernameFragment: String(i) }))
    const sent = await Promise.all(
      many.map((signal_data, i) => {
        // A step in between: what was remembered of the call is read anew.
        if (i === 30) void ben.call('update_call_state', { call_session_id: call, state: { audio: true } })
        return signal(ann, { signal_type: 'ice-candidate', signal_data, connection_id: 'c1' })
      }),
    )
    t.same(
      sent.filter(({ status }) => status !== 200),
      [],
    )
    await settled(wire, ben)
    const order = ben
      .heard('webrtc_signal')
      .slice(before)
      .map((one) => one.signal_data.usernameFragment as string)
    t.same(
      order,
      many.map((_, i) => String(i)),
    )
  })

  await t.test('refused, and nothing is relayed', async (t) => {
    const before = await relayed()
    const refused = async (from: Device, args: Record<string, unknown>, status: number, what: string) => {
      const answer = await signal(from, args)
      t.equal(answer.status, status, what)
      t.ok(answer.message.error.message.length < 300)
    }
    await refused(olaf, {}, 404, 'an outsider')
    t.same((await signal(olaf)).message.error.message, `Chat Call Session ${call} not found.`)
    await refused(ann, { call_session_id: 'CALL-999' }, 404, 'no call')
    await refused(cleo, {}, 403, 'who rings, but is not in it')
    await refused(phone, { target_user: ANN }, 403, 'a device that is not in it')
    await refused(ann, { target_user: CLEO }, 417, 'to who is not in it')
    await refused(ann, { target_user: OUTSIDER }, 417, 'to an outsider')
    await refused(ann, { target_user: ANN }, 417, 'to oneself')
    const malformed: Record<string, readonly unknown[]> = {
      offer: [
        {},
        { sdp: 1 },
        { sdp: '' },
        { sdp: { a: 1 } },
        { type: 'answer', sdp: 'v=0' },
        [],
        'x',
        1,
        null,
      ],
      answer: [
        { type: 'offer', sdp: 'v=0' },
        { type: 'rollback', sdp: 'v=0' },
      ],
      'ice-candidate': [
        {},
        { candidate: 1 },
        { candidate: {} },
        { ...CANDIDATE, sdpMLineIndex: -1 },
        { ...CANDIDATE, sdpMid: 1 },
      ],
      bye: [OFFER],
    }
    for (const [signal_type, all] of Object.entries(malformed)) {
      for (const signal_data of all) {
        await refused(ann, { signal_type, signal_data }, 417, `${signal_type} ${JSON.stringify(signal_data)}`)
      }
    }
    await refused(ann, { signal_data: { sdp: 'x'.repeat(70_000) } }, 417, '70 kB')
    const huge = await ann.post('send_webrtc_signal', {
      ...{ call_session_id: call, signal_type: 'offer', target_user: BEN },
      signal_data: { type: 'offer', sdp: 'x'.repeat(1_000_000) },
    })
    t.ok([413, 417].includes(huge.status), '1 MB')
    const get = await ann.client.get(
      `/api/method/f_chat.send_webrtc_signal?call_session_id=${call}&signal_type=offer&signal_data={"sdp":"x"}`,
    )
    t.equal(get.status, 403, 'by a link')
    t.same(await relayed(), before)
  })

  await t.test('of an attempt that is past: refused', async (t) => {
    t.equal((await signal(ann, { connection_id: 'c2' })).status, 200)
    const before = await relayed()
    for (const signal_type of ['offer', 'ice-candidate']) {
      const signal_data = signal_type === 'offer' ? OFFER : CANDIDATE
      const replayed = await signal(ann, { connection_id: 'c1', signal_type, signal_data })
      t.match(replayed, { status: 409, message: { data: { connection_id: 'c1' } } })
    }
    t.same(await relayed(), before)
    t.equal((await signal(ann, { connection_id: 'c2' })).status, 200)
    t.equal(
      (await signal(ben, { target_user: ANN, connection_id: 'c1' })).status,
      200,
      'the other’s are their own',
    )
  })

  await t.test('at most one statement or two, and none while nothing changes', async (t) => {
    const { site } = wire
    const args = { call_session_id: call, signal_type: 'offer', signal_data: OFFER, target_user: BEN }
    const send = () => site.call('f_chat.send_webrtc_signal', args, { user: ANN, device: ann.id })
    await ann.call('update_call_state', { call_session_id: call, state: { audio: true } })
    t.equal((await wire.statements(send)).length, 2)
    t.equal((await wire.statements(send)).length, 0)
  })

  await t.test('after a takeover to the new device; after the end to nobody', async (t) => {
    await phone.call('join_call', { call_session_id: call, takeover: true })
    const before = await relayed()
    t.equal((await signal(ann)).message.data.to_device, phone.id)
    t.equal((await signal(ben, { target_user: ANN })).status, 403)
    const after = await relayed()
    t.same(
      after.map((n, i) => n - (before[i] ?? 0)),
      [0, 0, 1, 0, 0],
    )
    await cleo.call('join_call', { call_session_id: call })
    t.equal((await signal(ann, { target_user: undefined })).status, 417, 'which of two?')
    await wire.site.asAdministrator(async (ctx) => {
      await ctx.db('tabChat Room Member').where({ parent: room, user: CLEO }).delete()
      ctx.invalidate('Chat Call Session')
    })
    t.equal((await signal(cleo)).status, 404, 'a member no more')
    t.equal((await signal(ann, { target_user: CLEO })).status, 417)
    for (const device of [ann, phone]) await device.call('leave_call', { call_session_id: call })
    const over = await signal(ann)
    t.match(over, { status: 417, message: { error: { message: /over/ } } })
    t.same(await relayed(), after)
  })
})
