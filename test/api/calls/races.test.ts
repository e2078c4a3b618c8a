import t from 'tap'
import { openDevice, settled, storedCall, type Device } from '../../support/calls.ts'
import { eachDatabase } from '../../support/databases.ts'
import { secondServer } from '../../support/second-server.ts'
import type { Body } from '../../support/server.ts'
import { ANN, BEN, CLEO } from '../../support/site.ts'
import { roads, wireSite, type Outcome } from '../../support/wire.ts'

const CALLED = 'f_chat.initiate_call'

await eachDatabase(t, 'at the same instant', async (t, db) => {
  const config = await db.config()
  const wire = await wireSite(t, { ...db, config: () => Promise.resolve(config) })
  const second = await secondServer(t, config)
  const [ann, ben] = (await Promise.all([ANN, BEN].map((user) => openDevice(t, wire, user)))) as [
    Device,
    Device,
  ]
  const there = second.like(ben.client)

  await t.test('both call each other: one call, both in it, on two processes', async (t) => {
    const direct = await ann.call('create_chat_room', { room_type: 'Direct Message', members: [BEN] })
    const room_id = direct.message.data.room_id as string
    for (let round = 0; round < 5; round++) {
      const both = await Promise.all([
        ann.call('initiate_call', { room_id }),
        roads.json(there, CALLED, { room_id }),
      ])
      t.same(
        both.map(({ status }) => status),
        [200, 200],
      )
      const calls = new Set(both.map(({ message }) => message.data.call_session_id as string))
      t.equal(calls.size, 1)
      const [call = ''] = calls
      t.same(both.map(({ message }) => message.data.joined_existing).toSorted(), [false, true])
      const stored = await storedCall(wire, call)
      t.match(stored, {
        call_status: 'Connected',
        participants: [{ status: 'Joined' }, { status: 'Joined' }],
      })
      await ann.call('leave_call', { call_session_id: call })
      t.equal((await storedCall(wire, call)).call_status, 'Ended')
    }
  })

  await t.test('two start one in a group: one starts, the other is told which', async (t) => {
    const room_id = await wire.room(ANN, [BEN, CLEO])
    for (let round = 0; round < 5; round++) {
      const both: Outcome[] = await Promise.all([
        ann.call('initiate_call', { room_id }),
        roads.json(there, CALLED, { room_id }),
      ])
      const [started, refused] = both.toSorted((a, b) => a.status - b.status)
      t.match([started?.status, refused?.status], [200, 409])
      const call = started?.message.data.call_session_id as string
      t.same(refused?.message.data, { call_session_id: call })
      const by = started?.message.data.initiated_by === ANN ? ann : ben
      await by.call('leave_call', { call_session_id: call })
    }
    const active = await wire.site.database
      .reader('tabChat Call Session')
      .whereNotNull('active_room')
      .pluck('name')
    t.same(active, [])
  })

  await t.test('everybody does everything: the end is one, and is told once', async (t) => {
    const cleo = await openDevice(t, wire, CLEO)
    const room_id = await wire.room(ANN, [BEN, CLEO])
    const started = await ann.call('initiate_call', { room_id })
    const about = { call_session_id: started.message.data.call_session_id as string }
    const answers = await Promise.all([
      ...['join_call', 'join_call', 'ack_ring', 'leave_call'].map((method) => ben.call(method, about)),
      ...['ack_ring', 'join_call', 'reject_call', 'leave_call'].map((method) => cleo.call(method, about)),
      ...['f_chat.join_call', 'f_chat.leave_call'].map((method) => roads.json(there, method, about)),
    ])
    t.same(
      answers.filter(({ status }) => status >= 500),
      [],
    )
    for (const device of [ann, ben, cleo]) await device.call('leave_call', about)
    await roads.json(there, 'f_chat.leave_call', about)
    const stored = await storedCall(wire, about.call_session_id)
    t.match(stored, { active_room: null, next_deadline: null })
    const told = await wire.site.database
      .reader('tabChat Message')
      .where({ chat_room: room_id, message_type: 'System' })
      .pluck('message_content')
    t.equal(told.length, 3, 'created, started, ended')
  })

  await t.test('a member who is removed, a room that is archived, a user who is disabled', async (t) => {
    const room = await wire.room(ANN, [BEN, CLEO])
    const cleo = await openDevice(t, wire, CLEO)
    const connected = async (): Promise<string> => {
      const call = (await ann.call('initiate_call', { room_id: room })).message.data.call_session_id as string
      for (const device of [ben, cleo]) await device.call('join_call', { call_session_id: call })
      return call
    }

    const first = await connected()
    t.equal((await ann.call('remove_room_member', { room_id: room, user_id: BEN })).status, 200)
    await settled(wire, ann, ben)
    t.match(
      ben.heard('call_participant_left').at(-1),
      { user: BEN },
      'who is removed hears of it as the last',
    )
    t.match(ann.heard('call_participant_left').at(-1), { user: BEN, call_ended: false })
    t.equal((await ann.call('archive_room', { room_id: room })).status, 200)
    await settled(wire, ann)
    t.match(ann.heard('call_ended').at(-1), { call_session_id: first, call_status: 'Ended' })
    t.match(await storedCall(wire, first), { call_status: 'Ended', active_room: null })
    t.equal((await ann.call('initiate_call', { room_id: room })).status, 417, 'archived')
    await ann.call('update_room_settings', { room_id: room, settings: { room_status: 'Active' } })
    await ann.call('add_room_member', { room_id: room, user_id: BEN })

    const last = await connected()
    await wire.site.asAdministrator(async (ctx) => {
      const user = await ctx.getDoc('User', CLEO)
      user.set('enabled', 0)
      await user.save()
    })
    const { participants } = await storedCall(wire, last)
    t.same(Object.fromEntries(participants.map(({ user, status }: Body) => [user, status])), {
      [ANN]: 'Joined',
      [BEN]: 'Joined',
      [CLEO]: 'Left',
    })
    await ann.call('leave_call', { call_session_id: last })
    const again = await ann.call('initiate_call', { room_id: room })
    t.same(again.message.data.participants, [ANN, BEN], 'who is disabled is not called')
    t.equal((await ann.call('initiate_call', { room_id: room, participants: [CLEO] })).status, 409)
    await ann.call('leave_call', { call_session_id: again.message.data.call_session_id })
    t.equal((await ann.call('initiate_call', { room_id: room, participants: [CLEO] })).status, 417)
  })
})
