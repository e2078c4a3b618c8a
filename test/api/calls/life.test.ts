import t from 'tap'
import { sweep } from '../../../doctypes/chat_call_session/keeper.ts'
import { callMessages, openDevice, settled, storedCall, type Device } from '../../support/calls.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { wireSite } from '../../support/wire.ts'

const later = (seconds: number): number => Date.now() + seconds * 1000

await eachDatabase(t, 'a call from its ring to its end', async (t, db) => {
  const wire = await wireSite(t, db)
  const [ann, ben, phone, cleo, olaf] = (await Promise.all(
    [ANN, BEN, BEN, CLEO, OUTSIDER].map((user) => openDevice(t, wire, user)),
  )) as [Device, Device, Device, Device, Device]
  const start = async (room: string, by = ann, args = {}): Promise<string> => {
    const { status, message } = await by.call('initiate_call', { room_id: room, ...args })
    t.equal(status, 200, JSON.stringify(message))
    return message.data.call_session_id as string
  }

  await t.test('rings every device of whoever is invited, connects, and ends', async (t) => {
    const room = await wire.room(ANN, [BEN, CLEO])
    const started = await ann.call('initiate_call', { room_id: room, participants: [BEN] })
    const { call_session_id: call, session_id, ...data } = started.message.data
    t.match(session_id, /^[0-9a-f]{8}-/)
    t.match(data, {
      room_id: room,
      call_type: 'Audio',
      initiated_by: ANN,
      participants: [ANN, BEN],
      ice_servers: [],
      media: { kind: 'mesh', max: 4 },
      devices: [{ user: ANN, device: ann.id }],
      busy: [],
      joined_existing: false,
    })
    await settled(wire, ben, phone, cleo, olaf, ann)
    for (const device of [ben, phone]) {
      t.match(device.heard('call_initiated'), [
        { call_session_id: call, session_id, participants: [ANN, BEN] },
      ])
    }
    t.same(
      [cleo, olaf, ann].map((device) => device.heard('call_initiated')),
      [[], [], []],
    )
    t.match((await ben.call('ack_ring', { call_session_id: call })).message.data, { status: 'Ringing' })
    await phone.call('ack_ring', { call_session_id: call })
    t.match(await storedCall(wire, call), { call_status: 'Ringing', active_room: room })
    const joined = await phone.call('join_call', { call_session_id: call })
    t.match(joined.message.data, {
      call_session_id: call,
      active_participants: [ANN, BEN],
      devices: [
        { user: ANN, device: ann.id },
        { user: BEN, device: phone.id },
      ],
    })
    await settled(wire, ann, ben, phone, cleo, olaf)
    t.match(ann.heard('call_ringing'), [{ user: BEN, device: ben.id }], 'told once')
    t.match(
      ben.heard('call_participant_joined'),
      [{ user: BEN, device: phone.id }],
      'the other device rings no more',
    )
    t.equal((await storedCall(wire, call)).call_status, 'Connected')
    const active = await cleo.call('get_active_call', { room_id: room })
    t.match(active.message.data, {
      has_active_call: true,
      call: { call_session_id: call, call_status: 'Connected', is_participant: false },
    })
    t.match(active.message.data.call.participants[1], {
      user: BEN,
      full_name: 'Ben',
      status: 'Joined',
      device: phone.id,
    })
    await cleo.call('join_call', { call_session_id: call })
    t.same((await phone.call('leave_call', { call_session_id: call })).message.data, { call_ended: false })
    t.same((await cleo.call('leave_call', { call_session_id: call })).message.data, { call_ended: true })
    t.same(
      (await ann.call('leave_call', { call_session_id: call })).message.data,
      { call_ended: true },
      'again',
    )
    await settled(wire, ann, olaf)
    t.match(ann.heard('call_participant_left'), [
      { user: BEN, call_ended: false },
      { user: CLEO, call_ended: true },
    ])
    t.match(ann.heard('call_ended'), [{ call_session_id: call, room_id: room, call_status: 'Ended' }])
    t.same(
      olaf.socket.frames.filter(({ event }) => String(event).includes('call')),
      [],
      'an outsider hears nothing',
    )
    const stored = await storedCall(wire, call)
    t.match(stored, { call_status: 'Ended', active_room: null, next_deadline: null, running_state: null })
    t.ok(stored.end_time >= stored.start_time)
    t.match(
      stored.participants.map(({ user, status }: { user: string; status: string }) => [user, status]),
      [ANN, BEN, CLEO].map((user) => [user, 'Left']),
    )
    t.match(await callMessages(wire, room), ['Audio call started', /^Call ended · \d+ s$/])
    t.same((await ann.call('get_active_call', { room_id: room })).message.data, {
      has_active_call: false,
      call: null,
    })
    t.equal((await ben.call('join_call', { call_session_id: call })).status, 417)
  })

  await t.test('missed, declined, declined with a message', async (t) => {
    const room = await wire.room(ANN, [BEN, CLEO])
    const missed = await start(room)
    await sweep(wire.site, later(44))
    t.equal((await storedCall(wire, missed)).call_status, 'Initiated')
    await sweep(wire.site, later(46))
    const stored = await storedCall(wire, missed)
    t.match(stored, { call_status: 'Missed', active_room: null, total_duration: 0 })
    t.match(stored.participants, [{ status: 'Left' }, { status: 'Invited' }, { status: 'Invited' }])
    await settled(wire, ben)
    t.match(ben.heard('call_ended').at(-1), {
      call_session_id: missed,
      call_status: 'Missed',
      total_duration: 0,
    })

    const hungUp = await start(room)
    await ann.call('leave_call', { call_session_id: hungUp })
    t.equal((await storedCall(wire, hungUp)).call_status, 'Missed')

    const declined = await start(room, ann, { call_type: 'Video' })
    t.equal((await ann.call('reject_call', { call_session_id: declined })).status, 417, 'who is in it leaves')
    t.same((await ben.call('reject_call', { call_session_id: declined })).message.data, {
      call_ended: false,
      message_id: null,
    })
    const { message } = await cleo.call('reject_call', {
      call_session_id: declined,
      message: 'Later, please',
    })
    t.equal(message.data.call_ended, true)
    t.equal((await storedCall(wire, declined)).call_status, 'Rejected')
    await settled(wire, ann)
    t.match(ann.heard('call_rejected'), [{ user: BEN }, { user: CLEO }])
    t.match(ann.heard('chat_new_message').at(-2), {
      content: 'Later, please',
      sender: CLEO,
      message_type: 'Text',
    })
    t.same(await callMessages(wire, room), [
      ...['Audio call started', 'Missed audio call', 'Audio call started', 'Missed audio call'],
      ...['Video call started', 'Call declined'],
    ])
    const seqs = await wire.site.database
      .reader('tabChat Message')
      .where({ chat_room: room })
      .orderBy('seq')
      .pluck('seq')
    t.same(
      seqs,
      seqs.map((_, i) => i + 1),
      'the room has no gaps',
    )
  })

  await t.test('others are asked in, and audio becomes video', async (t) => {
    const room = await wire.room(ANN, [BEN, CLEO])
    const call = await start(room, ann, { participants: [BEN] })
    const about = { call_session_id: call }
    t.equal(
      (await ben.call('invite_to_call', { ...about, users: [CLEO] })).status,
      403,
      'who is not in it asks nobody',
    )
    t.equal((await ben.call('upgrade_call', about)).status, 403)
    await ben.call('join_call', about)
    const invited = await ben.call('invite_to_call', { ...about, users: [CLEO, ANN] })
    t.same(invited.message.data, { invited: [CLEO], participants: [ANN, BEN, CLEO], busy: [] })
    await settled(wire, cleo, ann)
    t.match(cleo.heard('call_initiated').at(-1), { ...about, initiated_by: ANN })
    t.match(ann.heard('call_invited'), [{ user: BEN, users: [CLEO] }])
    t.equal((await ben.call('invite_to_call', { ...about, users: [OUTSIDER] })).status, 417)
    t.equal((await ben.call('invite_to_call', { ...about, users: [] })).status, 417)
    t.same((await ben.call('upgrade_call', about)).message.data, { call_type: 'Video' })
    const state = { audio: true, video: false, hand: true }
    await ben.call('update_call_state', { ...about, state })
    const more = await ben.call('update_call_state', { ...about, state: { media: 'connected' } })
    t.same(more.message.data.state, { ...state, media: 'connected' })
    t.equal((await ben.call('update_call_state', { ...about, state: { audio: 'loud' } })).status, 417)
    t.equal((await phone.call('update_call_state', { ...about, state })).status, 403, 'another device of his')
    await settled(wire, ann)
    t.match(ann.heard('call_upgraded'), [{ ...about, call_type: 'Video' }])
    t.match(ann.heard('call_state_changed'), [
      { user: BEN, device: ben.id, state },
      { user: BEN, device: ben.id, state: { ...state, media: 'connected' } },
    ])
    await ann.call('leave_call', about)
    await ben.call('leave_call', about)
    t.match(await storedCall(wire, call), { call_status: 'Ended', call_type: 'Video' }, 'nobody is in it')
  })

  await t.test('media that fail for everybody end it', async (t) => {
    const room = await wire.room(ANN, [BEN])
    const call = await start(room)
    await ben.call('join_call', { call_session_id: call })
    const failed = { call_session_id: call, state: { media: 'failed' } }
    await ann.call('update_call_state', failed)
    await sweep(wire.site, later(31))
    t.equal((await storedCall(wire, call)).call_status, 'Connected')
    await ben.call('update_call_state', failed)
    await sweep(wire.site, later(80))
    t.equal((await storedCall(wire, call)).call_status, 'Failed')
    t.match(await callMessages(wire, room), ['Audio call started', /^Call failed · /])
  })

  await t.test('the history of the caller’s calls, at a constant number of statements', async (t) => {
    const room = await wire.room(CLEO, [ANN])
    const mark = await start(room, cleo)
    await cleo.call('leave_call', { call_session_id: mark })
    const { call_sessions, pagination } = (await ann.call('get_call_history', { page_size: 2 })).message.data
    t.equal(call_sessions.length, 2)
    t.match(call_sessions[0], {
      name: mark,
      chat_room: room,
      room_name: 'Room',
      call_type: 'Audio',
      call_status: 'Missed',
      initiated_by: CLEO,
      initiated_by_name: 'Cleo',
      participant_count: 2,
      user_status: 'Invited',
    })
    t.ok(pagination.total_count > 2 && pagination.has_next)
    const of = (await ben.call('get_call_history', { room_id: room })).status
    t.equal(of, 404)
    t.equal((await ann.call('get_call_history', { room_id: room })).message.data.pagination.total_count, 1)
    t.same((await olaf.call('get_call_history')).message.data.call_sessions, [])
    const direct = await ann.call('create_chat_room', { room_type: 'Direct Message', members: [BEN] })
    const own = await start(direct.message.data.room_id)
    await ann.call('leave_call', { call_session_id: own })
    t.equal((await ann.call('get_call_history')).message.data.call_sessions[0].room_name, 'Ben')
    const many = await wire.statements(() => wire.site.call('f_chat.get_call_history', {}, { user: ANN }))
    const few = await wire.statements(() =>
      wire.site.call('f_chat.get_call_history', { page_size: 1 }, { user: ANN }),
    )
    t.equal(many.length, few.length)
    t.ok(many.length <= 4, many.join('\n'))
    const running = await start(room, cleo)
    const active = await wire.statements(() =>
      wire.site.call('f_chat.get_active_call', { room_id: room }, { user: ANN }),
    )
    t.equal(active.length, 3)
    await cleo.call('leave_call', { call_session_id: running })
  })

  await t.test('what cannot be called', async (t) => {
    const room = await wire.room(ANN, [BEN, CLEO])
    const refused = async (by: Device, method: string, args: object, status: number, what: RegExp) => {
      const answer = await by.call(method, { ...args })
      t.equal(answer.status, status, what.source)
      t.match(answer.message.error.message, what)
      return answer.message
    }
    await refused(olaf, 'initiate_call', { room_id: room }, 404, /not found/)
    await refused(ann, 'initiate_call', { room_id: room, participants: [OUTSIDER] }, 417, /not a member/)
    await refused(ann, 'initiate_call', { room_id: room, participants: [ANN] }, 417, /yourself/)
    await refused(ann, 'initiate_call', { room_id: await wire.room(ANN) }, 417, /nobody else/)
    const call = await start(room, ann, { participants: [] })
    const running = await refused(ben, 'initiate_call', { room_id: room }, 409, new RegExp(call))
    t.same(running.data, { call_session_id: call })
    const other = await wire.room(ANN, [BEN])
    const busy = await refused(ann, 'initiate_call', { room_id: other }, 409, /another call/)
    t.same(busy.data, { call_session_id: call })
    await ben.call('join_call', { call_session_id: call })
    const third = await wire.room(CLEO, [BEN, ANN])
    const rung = await cleo.call('initiate_call', { room_id: third })
    t.same(rung.message.data.busy.toSorted(), [ANN, BEN], 'the caller is told who is in another call')
    await settled(wire, ben)
    t.same(ben.heard('call_initiated').at(-1).busy.toSorted(), [ANN, BEN])
    await refused(
      olaf,
      'join_call',
      { call_session_id: call },
      404,
      /^Chat Call Session CALL-\d+ not found\.$/,
    )
    await refused(
      ann,
      'join_call',
      { call_session_id: 'CALL-9999' },
      404,
      /^Chat Call Session CALL-9999 not found\.$/,
    )
    await refused(ann, 'join_call', { call_session_id: call.toLowerCase() }, 404, /not found/)
    for (const method of ['join_call', 'leave_call', 'reject_call', 'ack_ring', 'upgrade_call'])
      await refused(olaf, method, { call_session_id: call }, 404, /^Chat Call Session CALL-\d+ not found\.$/)
    await cleo.call('leave_call', { call_session_id: rung.message.data.call_session_id })
    await ann.call('leave_call', { call_session_id: call })
    await ben.call('leave_call', { call_session_id: call })
  })

  await t.test('a mesh has its limit', async (t) => {
    const users = await Promise.all(
      [1, 2, 3].map((n) => wire.person(`mesh${String(n)}@test.example`, { roles: [{ role: 'Chat User' }] })),
    )
    const room = await wire.room(ANN, [BEN, ...users])
    const call = await start(room)
    const join = (user: string) => wire.site.call('f_chat.join_call', { call_session_id: call }, { user })
    for (const user of users) await join(user)
    await t.rejects(join(BEN), { status: 417, message: /full/ })
    await wire.site.call('f_chat.leave_call', { call_session_id: call }, { user: users[0] ?? '' })
    await join(BEN)
    for (const user of [ANN, BEN, ...users])
      await wire.site.call('f_chat.leave_call', { call_session_id: call }, { user })
    t.equal((await storedCall(wire, call)).call_status, 'Ended')
  })
})
