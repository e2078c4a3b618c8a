import { setImmediate as aTurn } from 'node:timers/promises'
import t from 'tap'
import { contractRows, filled, NOWHERE } from '../../support/contract.ts'
import { openDevice, settled, type Device } from '../../support/calls.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { overSocket, wireSite } from '../../support/wire.ts'

const MANAGER = 'mana@test.example'

/** Documents that are listened to by name, and DocTypes by list, as forms and lists of the desk do. */
const LISTS = ['Chat Room', 'Chat Message', 'Chat Call Session', 'Chat User Activity', 'File', 'Chat Upload']

await eachDatabase(t, 'who is out hears nothing more', async (t, db) => {
  const wire = await wireSite(t, db)
  const { site } = wire
  await wire.person(MANAGER, { roles: [{ role: 'System Manager' }, { role: 'Chat User' }] })

  /** All that can be heard of a room: by its Admin and a member, and a call between them. */
  async function bustle(room: string, ann: Device, cleo: Device): Promise<string[]> {
    const ok = async (who: Device, method: string, args: Record<string, unknown>) => {
      const { status, message } = await who.post(method, args)
      if (status !== 200) throw new Error(`${method}: ${JSON.stringify(message)}`)
      return message.data ?? message
    }
    const { message_id } = await ok(ann, 'send_message', { room_id: room, message_content: 'said @cleo' })
    await ok(ann, 'edit_message', { message_id, new_content: 'said again' })
    await ok(cleo, 'add_reaction', { message_id, emoji: '👍' })
    await ok(ann, 'user_typing', { room_id: room, is_typing: true })
    await ok(cleo, 'mark_room_as_read', { room_id: room })
    await ok(ann, 'update_room_settings', { room_id: room, settings: { description: message_id } })
    const { call_session_id } = await ok(ann, 'initiate_call', { room_id: room })
    const call = { call_session_id }
    await ok(cleo, 'join_call', call)
    const signal = { ...call, signal_type: 'offer', signal_data: { sdp: 'v=0' }, target_user: CLEO }
    await ok(ann, 'send_webrtc_signal', signal)
    await ok(ann, 'update_call_state', { ...call, state: { audio: false } })
    await ok(ann, 'leave_call', call)
    await ok(ann, 'delete_message', { message_id })
    await ok(ann, 'update_user_status', { status: 'busy' })
    await ok(ann, 'update_user_status', { status: 'online' })
    return [message_id, call_session_id]
  }

  async function listen(device: Device, documents: readonly (readonly [string, string])[]): Promise<void> {
    for (const [doctype, docname] of documents)
      await overSocket(device.socket, 'frappe.realtime.doc_subscribe', { doctype, docname })
    for (const doctype of LISTS)
      await overSocket(device.socket, 'frappe.realtime.doctype_subscribe', { doctype })
  }

  /** Guards are asked after the event: until the questions are answered, nothing has been heard that could be. */
  async function quiet(...devices: Device[]): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await aTurn()
    await settled(wire, ...devices)
  }

  for (const [how, out] of [
    [
      'is removed',
      (room: string, ann: Device) => ann.post('remove_room_member', { room_id: room, user_id: BEN }),
    ],
    [
      'leaves',
      (room: string, _ann: Device, ben: Device) =>
        ben.post('remove_room_member', { room_id: room, user_id: BEN }),
    ],
  ] as const) {
    await t.test(how, async (t) => {
      const room = await wire.room(ANN, [BEN, CLEO])
      const [ann, ben, cleo, olaf, mana] = await Promise.all(
        [ANN, BEN, CLEO, OUTSIDER, MANAGER].map((user) => openDevice(t, wire, user)),
      )
      if (!ann || !ben || !cleo || !olaf || !mana) throw new Error('five pages')
      const { message_id } = await wire.send(ANN, room, 'first')
      const documents = [
        ['Chat Room', room],
        ['Chat Message', message_id],
      ] as const
      for (const device of [ben, olaf, mana]) await listen(device, documents)
      const known = await bustle(room, ann, cleo)
      const seen = (device: Device, from = 0) => JSON.stringify(device.socket.frames.slice(from))
      await ben.socket.frame((frame) => frame.event === 'list_update' && frame.message.name === known[0])
      await quiet(olaf, mana)
      const heard = (device: Device): unknown[] =>
        device.socket.frames.filter(({ event, message }) => event && known.includes(message?.name ?? ''))
      t.same(heard(olaf), [], 'an outsider hears of no message and no call by list')
      t.same(heard(mana), [], 'nor does a System Manager')
      t.notMatch(seen(mana), /said/)
      const status = (device: Device) =>
        device.socket.frames.filter(({ event }) => event === 'user_status_changed')
      t.same(status(olaf), [], 'nor of people whom one shares no room with')

      const { status: done } = await out(room, ann, ben)
      t.equal(done, 200)
      await ben.socket.frame(({ event, message }) => event === 'chat_room_left' && message.room_id === room)
      await quiet(ben)
      const mark = ben.socket.frames.length
      const later = await bustle(room, ann, cleo)
      await quiet(ben, ann)
      const rest = ben.socket.frames.slice(mark).filter(({ event }) => event !== 'settled')
      t.same(rest, [], 'not one frame more')
      t.notMatch(seen(ben, mark), new RegExp([room, ...later, 'said'].join('|')))
      for (const device of [ann, ben, cleo, olaf, mana]) device.socket.ws.terminate()
    })
  }

  for (const [how, out] of [
    [
      'is disabled',
      () =>
        site.asAdministrator(async (ctx) => {
          const user = await ctx.getDoc('User', BEN)
          user.set('enabled', 0)
          await user.save({ ignorePermissions: true })
        }),
    ],
    ['logs out', (ben: Device) => ben.client.post('/api/method/logout')],
  ].toReversed() as [string, (ben: Device) => Promise<unknown>][]) {
    await t.test(how, async (t) => {
      const room = await wire.room(ANN, [BEN, CLEO])
      const [ann, ben, cleo] = await Promise.all([ANN, BEN, CLEO].map((user) => openDevice(t, wire, user)))
      if (!ann || !ben || !cleo) throw new Error('three pages')
      await listen(ben, [['Chat Room', room]])
      await out(ben)
      await ben.socket.closed
      const mark = ben.socket.frames.length
      await bustle(room, ann, cleo)
      await quiet(ann)
      t.equal(ben.socket.frames.length, mark)
      t.ok(
        [401, 403].includes((await ben.post('send_message', { room_id: room, message_content: 'x' })).status),
      )
      for (const device of [ann, cleo]) device.socket.ws.terminate()
    })
  }
})

await eachDatabase(t, 'another page’s forms', async (t, db) => {
  const wire = await wireSite(t, db)
  const room = await wire.room(ANN, [BEN])
  const { message_id: message } = await wire.send(ANN, room, 'hello')
  const ann = await wire.browser(ANN)
  // A page has been rendered: from now on the session's writes need its token.
  await ann.page('/desk')
  const before = await wire.rows()
  const scene = {
    ...NOWHERE,
    room,
    message,
    own: message,
    other: BEN,
    caller: ANN,
    newcomer: CLEO,
    member: BEN,
  }
  for (const row of contractRows()) {
    const method = wire.site.registry.method(`f_chat.${row.method}`, {})
    if (!method.writes) continue
    const args = filled(row.args, scene)
    for (const csrf of [undefined, 'x'.repeat(56)]) {
      ann.csrf = csrf
      const { status } = await ann.post(`/api/method/${method.name}`, args)
      t.equal(status, 400, `${row.method} with ${csrf ? 'a wrong' : 'no'} token`)
    }
    ann.csrf = undefined
    const asked = await ann.get(`/api/method/${method.name}?room_id=${room}&message_id=${message}`)
    t.equal(asked.status, 403, `${row.method} by GET`)
    const foreign = await wire.served
      .client()
      .request('OPTIONS', `/api/method/${method.name}`, { headers: { Origin: 'https://evil.example' } })
    t.equal(foreign.headers.get('access-control-allow-origin'), null, `${row.method} from elsewhere`)
  }
  const values = { chat_room: room, message_content: 'x' }
  const at = `/api/resource/Chat%20Message/${message}`
  t.equal((await ann.post('/api/resource/Chat%20Message', values)).status, 400)
  t.equal((await ann.put(at, values)).status, 400)
  t.equal((await ann.delete(at)).status, 400)
  t.same(await wire.rows(), before)
})
