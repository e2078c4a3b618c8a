import t from 'tap'
import type { TestSocket } from '../../support/server.ts'
import type { Body } from '../../support/server.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { overSocket, roads, wireSite } from '../../support/wire.ts'

const NEW_MESSAGE = [
  ...['message_id', 'room_id', 'room_name', 'sender', 'sender_name', 'message_type', 'content', 'timestamp'],
  ...['attachments', 'reply_to', 'seq', 'client_id', 'change_seq', 'sender_image'],
  ...['mentions', 'mention_labels'],
].toSorted()

const events = (socket: TestSocket, name: string): Body[] =>
  socket.frames.filter(({ event }: Body) => event === name)

const keys = (message: object): string[] => Object.keys(message).toSorted()

await eachDatabase(t, 'events over the socket', async (t, db) => {
  const wire = await wireSite(t, db)
  const { site } = wire
  const room = await wire.room(ANN, [BEN])
  const [ann, phone, ben, olaf] = await Promise.all([ANN, ANN, BEN, OUTSIDER].map((user) => wire.page(user)))
  if (!ann || !phone || !ben || !olaf) throw new Error('four sockets')
  const all = [ann, phone, ben, olaf]
  /** Everything that was sent until now has arrived. */
  const settle = async (sockets = all): Promise<void> => {
    await site.asAdministrator((ctx) => {
      ctx.publish('settled', null, { room: 'website' })
      return Promise.resolve()
    })
    const wanted = ++settled
    await Promise.all(sockets.map((socket) => socket.frame(() => events(socket, 'settled').length >= wanted)))
  }
  let settled = 0
  const send = (socket: TestSocket, args: Record<string, unknown>) =>
    overSocket(socket, 'f_chat.send_message', { room_id: room, message_content: 'x', ...args })

  await t.test('ready says where each room stands', async (t) => {
    t.same((await ann.event('ready')).message.rooms, { [room]: 1 })
    t.same((await olaf.event('ready')).message.rooms, {})
  })

  await t.test('a message reaches each socket of each member once, and is stored by then', async (t) => {
    for (let i = 0; i < 5; i++) {
      const { message } = await send(i % 2 ? phone : ben, {
        message_content: String(i),
        client_id: `c${String(i)}`,
      })
      const event = await ann.frame((frame) => frame.message?.message_id === message.data.message_id)
      const read = await roads.query(await wire.browser(ANN), 'f_chat.get_chat_messages', { room_id: room })
      t.match(read.message.data.messages[0], { name: message.data.message_id }, 'told after commit')
      t.same(keys(event.message), NEW_MESSAGE)
      t.match(event, {
        room: `chat_room_${room}`,
        message: { content: String(i), sender: i % 2 ? ANN : BEN, client_id: `c${String(i)}`, seq: i + 2 },
      })
    }
    await settle()
    for (const socket of [ann, phone, ben]) {
      const heard = events(socket, 'chat_new_message').map(({ message }) => message.change_seq as unknown)
      t.same(heard, [2, 3, 4, 5, 6])
    }
    t.same(events(olaf, 'chat_new_message'), [])
  })

  await t.test('what fails or was sent before is not told', async (t) => {
    for (const args of [
      { message_content: ' ' },
      { client_id: 'c1' },
      { room_id: 'CR-9999' },
      { message_type: 'System' },
      { reply_to: 'MSG-9999' },
    ]) {
      await send(ann, args)
    }
    t.equal((await send(olaf, {})).status, 404)
    await settle()
    t.equal(events(ben, 'chat_new_message').length, 5)
  })

  await t.test('reading is told to the room, its mark alone', async (t) => {
    await overSocket(ann, 'f_chat.mark_room_as_read', { room_id: room, up_to_seq: 4 })
    await overSocket(phone, 'f_chat.mark_room_as_read', { room_id: room, up_to_seq: 3 })
    await overSocket(olaf, 'f_chat.mark_room_as_read', { room_id: room })
    await settle()
    for (const socket of [ann, phone, ben]) {
      const [event, ...more] = events(socket, 'room_read_status_changed')
      t.same(more, [])
      t.same(keys(event.message), ['last_read_seq', 'room_id', 'timestamp', 'user'])
      t.match(event.message, { room_id: room, user: ANN, last_read_seq: 4 })
    }
    t.same(events(olaf, 'room_read_status_changed'), [])
  })

  await t.test('a new room is told to its members, who hear it from then on', async (t) => {
    const cleo = await wire.page(CLEO)
    const made = await overSocket(ben, 'f_chat.create_chat_room', {
      ...{ room_name: 'Fresh', room_type: 'Group Chat' },
      members: [{ user: ANN, role: 'Moderator' }, CLEO],
    })
    const { room_id: fresh } = made.message.data
    for (const [socket, role] of [
      [ben, 'Admin'],
      [ann, 'Moderator'],
      [phone, 'Moderator'],
      [cleo, 'Member'],
    ] as const) {
      const event = await socket.event('chat_new_room')
      t.same(event.message, {
        ...{ room_id: fresh, room_name: 'Fresh', room_type: 'Group Chat', role, change_seq: 1 },
      })
    }
    await send(ben, { room_id: fresh, message_content: 'welcome' })
    for (const socket of [ann, phone, ben, cleo]) {
      const { message } = await socket.frame((frame) => frame.message?.content === 'welcome')
      t.equal(message.change_seq, 2)
    }
    const direct = await overSocket(cleo, 'f_chat.create_chat_room', {
      ...{ room_type: 'Direct Message', members: [ANN] },
    })
    const again = await overSocket(ann, 'f_chat.create_chat_room', {
      ...{ room_type: 'Direct Message', members: [CLEO] },
    })
    t.equal(again.message.data.room_id, direct.message.data.room_id)
    const own = (frame: Body) => frame.message?.room_id === direct.message.data.room_id
    t.match((await ann.frame(own)).message, { room_name: 'Cleo', room_type: 'Direct Message' })
    t.match((await cleo.frame(own)).message, { room_name: 'Ann' })
    await settle()
    for (const [socket, count] of [
      [ann, 2],
      [phone, 2],
      [cleo, 2],
      [ben, 1],
      [olaf, 0],
    ] as const) {
      t.equal(events(socket, 'chat_new_room').length, count, 'once, and none for the room that was there')
    }
  })

  await t.test('who is taken out hears nothing more, on any socket, and cannot act', async (t) => {
    await site.asAdministrator(async (ctx) => {
      await ctx.db('tabChat Room Member').where({ parent: room, user: ANN }).delete()
      ctx.leaveRoom([ANN], `chat_room_${room}`)
    })
    const before = [ann, phone].map((socket) => events(socket, 'chat_new_message').length)
    t.equal((await send(ben, { message_content: 'without Ann' })).status, 200)
    await overSocket(ben, 'f_chat.mark_room_as_read', { room_id: room })
    await settle()
    t.same(
      [ann, phone].map((socket) => events(socket, 'chat_new_message').length),
      before,
    )
    t.equal(events(ann, 'room_read_status_changed').length, 1)
    t.equal(events(ben, 'chat_new_message').at(-1).message.content, 'without Ann')
    t.equal((await send(ann, {})).status, 404)
    t.equal((await send(ann, { client_id: 'c1' })).status, 404, 'nor learn of what they once sent there')
    t.same((await overSocket(ann, 'f_chat.sync', { rooms: { [room]: 1 } })).message.removed, [room])
    t.notOk(room in (await overSocket(ann, 'f_chat.heartbeat', {})).message.rooms)
    t.notOk(room in (await (await wire.page(ANN)).event('ready')).message.rooms)
  })

  await t.test('a member who is disabled is out within the moment, and stays a member', async (t) => {
    const browser = await wire.browser(BEN)
    const second = await wire.page(BEN)
    await site.asAdministrator(async (ctx) => {
      const user = await ctx.getDoc('User', BEN)
      user.set('enabled', 0)
      await user.save()
    })
    t.same([(await ben.closed).code, (await second.closed).code], [4401, 4401])
    t.equal(
      (await roads.json(browser, 'f_chat.send_message', { room_id: room, message_content: 'x' })).status,
      403,
    )
    t.equal((await roads.query(browser, 'f_chat.get_user_chat_rooms', {})).status, 403)
    const cleo = await wire.page(CLEO)
    const direct = await overSocket(cleo, 'f_chat.create_chat_room', {
      ...{ room_type: 'Direct Message', members: [BEN] },
    })
    t.match([direct.status, direct.message.error.message], [417, /disabled/])
    const { rooms } = (await overSocket(cleo, 'f_chat.get_user_chat_rooms', { search: 'Fresh' })).message.data
    t.match(rooms, [{ room_name: 'Fresh', member_count: 3 }])
    const found = await overSocket(cleo, 'f_chat.search_users_for_chat_room', { search_term: 'ben' })
    t.same(found.message.data, [])
    await t.rejects(
      site.asAdministrator(async (ctx) => (await ctx.getDoc('User', BEN)).delete()),
      { name: 'LinkExistsError' },
      'who has written cannot be removed',
    )
    await site.asAdministrator(async (ctx) => {
      const user = await ctx.getDoc('User', BEN)
      user.set('enabled', 1)
      await user.save()
    })
    t.ok(room in (await (await wire.page(BEN)).event('ready')).message.rooms)
  })

  await t.test('a client_id that differs is another message, or a clear refusal', async (t) => {
    const back = await wire.page(BEN)
    const ids: string[] = []
    for (const client_id of ['abc', 'ABC', 'abc ', 'àbc', 'abc\u200b']) {
      const { status, message } = await send(back, { client_id })
      if (status === 200) ids.push(message.data.message_id)
      else t.match([status, message.error.code], [417, 'CONFLICT'])
    }
    t.equal(new Set(ids).size, ids.length, 'none passes for another')
    t.equal((await send(back, { client_id: 'abc' })).message.data.message_id, ids[0])
  })
})
