import path from 'node:path'
import t from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'
import { loadApp } from '../../../desk/site/apps.ts'
import { loadDesk } from '../../../desk/site/open.ts'
import { createSession } from '../../../desk/site/sessions.ts'
import { Site } from '../../../desk/site/site.ts'
import { callKeeperOf, sweep } from '../../../doctypes/chat_call_session/keeper.ts'
import { callState, openDevice, settled, storedCall, type Device } from '../../support/calls.ts'
import { eachDatabase } from '../../support/databases.ts'
import { serve, type Body, type Client } from '../../support/server.ts'
import { ANN, BEN, CLEO } from '../../support/site.ts'
import { roads, wireSite } from '../../support/wire.ts'

const later = (seconds: number): number => Date.now() + seconds * 1000

const place = (call: Body, user: string): Body => call.places.find((one: Body) => one.user === user)

await eachDatabase(t, 'devices in calls', async (t, db) => {
  const config = await db.config()
  const wire = await wireSite(t, { ...db, config: () => Promise.resolve(config) })
  const connected = async (room: string, ...devices: Device[]): Promise<string> => {
    const [first, ...others] = devices
    const started = await first?.call('initiate_call', { room_id: room })
    const call = started?.message.data.call_session_id as string
    for (const device of others) await device.call('join_call', { call_session_id: call })
    return call
  }
  const hangUp = async (call: string, ...devices: Device[]): Promise<void> => {
    for (const device of devices) await device.call('leave_call', { call_session_id: call })
    t.equal((await storedCall(wire, call)).active_room, null)
  }

  await t.test('a second device takes the call over', async (t) => {
    const [ann, ben, phone] = (await Promise.all(
      [ANN, BEN, BEN].map((user) => openDevice(t, wire, user)),
    )) as [Device, Device, Device]
    const call = await connected(await wire.room(ANN, [BEN]), ann, ben)
    const about = { call_session_id: call }
    const refused = await phone.call('join_call', about)
    t.match(refused, { status: 409, message: { error: { code: 'CONFLICT' }, data: { device: ben.id } } })
    const taken = await phone.call('join_call', { ...about, takeover: 1 })
    t.match(taken.message.data.devices, [{ device: ann.id }, { user: BEN, device: phone.id }])
    await settled(wire, ben, ann)
    t.match(
      ben.heard('call_participant_joined').at(-1),
      { user: BEN, device: phone.id },
      'the old one is told',
    )
    t.same((await ben.call('leave_call', about)).message.data, { call_ended: false }, 'and leaves nothing')
    t.match(place(await callState(wire, call), BEN), { status: 'Joined', device: phone.id })
    t.equal((await ben.call('update_call_state', { ...about, state: { audio: true } })).status, 403)
    await hangUp(call, phone)
  })

  await t.test('a page that is killed has its grace, and comes back as itself', async (t) => {
    const [ann, ben, cleo] = (await Promise.all(
      [ANN, BEN, CLEO].map((user) => openDevice(t, wire, user)),
    )) as [Device, Device, Device]
    const call = await connected(await wire.room(ANN, [BEN, CLEO]), ann, ben, cleo)
    ben.socket.ws.terminate()
    await callState(wire, call, (state) => place(state, BEN).gone)
    const again = await openDevice(t, wire, BEN, ben.id)
    await sweep(wire.site, later(25))
    t.match(place(await callState(wire, call), BEN), { status: 'Joined', gone: false }, 'it came back')
    again.socket.ws.terminate()
    await callState(wire, call, (state) => place(state, BEN).gone)
    const other = await openDevice(t, wire, BEN)
    t.equal(
      (await other.call('join_call', { call_session_id: call })).status,
      200,
      'another takes the place of one gone',
    )
    other.socket.ws.terminate()
    await callState(wire, call, (state) => place(state, BEN).gone)
    await sweep(wire.site, later(80))
    await settled(wire, ann)
    t.match(ann.heard('call_participant_left'), [{ user: BEN, call_ended: false }])
    t.match(place(await callState(wire, call), BEN), { status: 'Left' })
    await hangUp(call, ann, cleo)
  })

  await t.test('who calls over HTTP only lives by their calls', async (t) => {
    const room = await wire.room(ANN, [BEN])
    const [ann, ben] = await Promise.all([ANN, BEN].map((user) => wire.browser(user)))
    if (!ann || !ben) throw new Error('two browsers')
    const { message } = await roads.form(ann, 'f_chat.initiate_call', { room_id: room })
    const call = message.data.call_session_id as string
    const mine = message.data.devices[0].device as string
    t.match(mine, /^[0-9a-f-]{36}$/, 'a device of the login')
    t.equal((await roads.form(ben, 'f_chat.join_call', { call_session_id: call })).status, 200)
    await sweep(wire.site, later(50))
    t.equal((await storedCall(wire, call)).call_status, 'Connected', 'not lost at once')
    t.equal((await roads.form(ann, 'f_chat.join_call', { call_session_id: call })).status, 200, 'again')
    await sweep(wire.site, later(65))
    t.equal((await storedCall(wire, call)).call_status, 'Ended')
  })

  await t.test('deadlines come by themselves, by the timer of the process', async (t) => {
    const ann = await openDevice(t, wire, ANN)
    const room = await wire.room(ANN, [BEN])
    Object.assign(wire.site.config, { ring_timeout_seconds: 0.2, device_grace_seconds: 0.2 })
    callKeeperOf(wire.site).start()
    await ann.call('initiate_call', { room_id: room })
    const ended = await ann.socket.event('call_ended')
    t.match(ended.message, { call_status: 'Missed', room_id: room })
    Object.assign(wire.site.config, { ring_timeout_seconds: undefined })
    const ben = await openDevice(t, wire, BEN)
    const call = await connected(room, ann, ben)
    ben.socket.ws.terminate()
    const over = await ann.socket.frame(
      ({ event, message }: Body) => event === 'call_ended' && message.call_session_id === call,
    )
    t.match(over.message, { call_status: 'Ended' }, 'the other has left within the grace')
    await callKeeperOf(wire.site).stop()
    Object.assign(wire.site.config, { device_grace_seconds: undefined })
  })

  await t.test('a restart forgets no deadline, and gives everybody the time to come back', async (t) => {
    const [ann, ben, cleo] = (await Promise.all(
      [ANN, BEN, CLEO].map((user) => openDevice(t, wire, user)),
    )) as [Device, Device, Device]
    const lasting = await connected(await wire.room(ANN, [BEN]), ann, ben)
    const rings = await connected(await wire.room(CLEO, [BEN]), cleo)
    await wire.served.server.close()
    await wire.site.close()
    const site = new Site({
      ...{ name: 'test', path: '/nonexistent', config: { time_zone: 'UTC' } },
      database: createDatabase({ pool_size: 8, ...config }),
      apps: [await loadDesk(), await loadApp(path.resolve(import.meta.dirname, '../../..'))],
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    t.teardown(() => site.close())
    const served = await serve(t, site)
    const browser = async (user: string): Promise<Client> => {
      const client = served.client()
      client.jar.set('sid', await site.write({ user }, (ctx) => createSession(ctx, user)))
      return client
    }
    const after = { ...wire, site, served, browser }
    site.start()
    // The lease of the devices is over, but this process has just begun to look.
    await site.database
      .reader('tabChat Call Session')
      .where({ name: lasting })
      .first<Body>('running_state')
      .then(({ running_state }: Body) => {
        const call: Body = JSON.parse(running_state)
        for (const one of call.places) one.aliveUntil = Date.now() - 1000
        return site.asAdministrator(async (ctx) => {
          await ctx
            .db('tabChat Call Session')
            .where({ name: lasting })
            .update({ running_state: JSON.stringify(call), next_deadline: '2020-01-01 00:00:00' })
        })
      })
    await sweep(site, Date.now())
    t.equal((await storedCall(after, lasting)).call_status, 'Connected')
    const back = await openDevice(t, after, ANN, ann.id)
    const benBack = await openDevice(t, after, BEN, ben.id)
    await sweep(site, later(40))
    t.equal((await storedCall(after, lasting)).call_status, 'Connected', 'both came back')
    await sweep(site, later(60))
    t.equal((await storedCall(after, rings)).call_status, 'Missed')
    await settled(after, back)
    t.same((await benBack.call('leave_call', { call_session_id: lasting })).message.data, {
      call_ended: true,
    })
    t.equal((await storedCall(after, lasting)).call_status, 'Ended')
  })
})
