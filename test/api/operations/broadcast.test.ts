import t from 'tap'
import { getBroadcastHistory, getBroadcastRooms, sendBroadcastMessage } from '../../../api/broadcast.ts'
import { getChatMessages } from '../../../api/messages.ts'
import { createChatRoom } from '../../../api/rooms.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../../support/site.ts'

await eachDatabase(t, 'broadcast', async (t, db) => {
  const chat = await chatSite(t, db)
  const { site, call, room: makeRoom, published, statements } = chat
  const set = (table: string, where: object, values: object): Promise<unknown> =>
    site.asAdministrator((ctx) => ctx.db(table).where(where).update(values))

  await t.test('reaches each room where the caller may send, and says why not the others', async (t) => {
    const [one, two] = [await makeRoom(ANN, [BEN]), await makeRoom(BEN, [ANN])]
    const direct = (await call(ANN, createChatRoom, { room_type: 'Direct Message', members: [CLEO] })).room_id
    const news = await makeRoom(BEN, [ANN], 'Announcement')
    const muted = await makeRoom(BEN, [ANN])
    await set('tabChat Room Member', { parent: muted, user: ANN }, { is_muted: 1 })
    const archived = await makeRoom(ANN)
    await set('tabChat Room', { name: archived }, { room_status: 'Archived' })
    const others = await makeRoom(OUTSIDER)
    published()
    const room_ids = [two, news, one, muted, direct, archived, one, others, 'CR-99999']
    const result = await call(ANN, sendBroadcastMessage, {
      room_ids,
      message_content: 'All hands <b>now</b>',
    })
    t.match(result, { total_rooms: 8, success_count: 3, failure_count: 5 })
    t.same(
      result.successful_broadcasts.map(({ room_id, room_name }) => [room_id, room_name]),
      [
        [two, 'Room'],
        [one, 'Room'],
        [direct, 'Cleo'],
      ],
    )
    t.match(result.failed_broadcasts, [
      { room_id: news, error: /Only Admins and Moderators/ },
      { room_id: muted, error: /muted/ },
      { room_id: archived, error: /archived/ },
      { room_id: others, error: `Chat Room ${others} not found.` },
      { room_id: 'CR-99999', error: 'Chat Room CR-99999 not found.' },
    ])
    const events = published().filter((event) => event.type === 'event' && event.event === 'chat_new_message')
    t.same(
      events.map((event) => event.type === 'event' && event.room).sort(),
      [one, two, direct].map((room) => `chat_room_${room}`).sort(),
      'nothing is heard of those that failed',
    )
    const { messages } = await call(BEN, getChatMessages, { room_id: one })
    t.match(messages[0], { sender: ANN, message_type: 'Broadcast', message_content: 'All hands <b>now</b>' })
    const rooms = await site.database.reader('tabChat Room').select<{ name: string; last_seq: number }[]>()
    for (const { name, last_seq } of rooms) {
      const [row] = await site.database.reader('tabChat Message').where({ chat_room: name }).count({ n: '*' })
      t.equal(row?.n, last_seq, 'no room has lost a number')
    }
  })

  await t.test('a retry sends nothing twice', async (t) => {
    const rooms = [await makeRoom(ANN), await makeRoom(ANN)]
    const args = { room_ids: rooms, message_content: 'once', client_id: 'key' }
    const first = await call(ANN, sendBroadcastMessage, args)
    t.same(await call(ANN, sendBroadcastMessage, args), first)
    const third = await makeRoom(ANN)
    const more = await call(ANN, sendBroadcastMessage, { ...args, room_ids: [...rooms, third] })
    t.same(more.successful_broadcasts.slice(0, 2), first.successful_broadcasts)
    t.equal(more.success_count, 3)
    const both = await Promise.all(
      [1, 2, 3].map(() => call(ANN, sendBroadcastMessage, { ...args, client_id: 'at once' })),
    )
    t.same(both[1], both[0])
    t.same(both[2], both[0])
    const { messages } = await call(ANN, getChatMessages, { room_id: third })
    t.equal(messages.length, 2)
  })

  await t.test('two at once do not wait for each other for ever', async (t) => {
    const rooms = await Promise.all(Array.from({ length: 8 }, () => makeRoom(ANN, [BEN])))
    const ask = (user: string, room_ids: string[]): Promise<unknown> =>
      call(user, sendBroadcastMessage, { room_ids, message_content: 'x' })
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, i) => (i % 2 ? ask(ANN, rooms) : ask(BEN, rooms.toReversed()))),
    )
    t.ok(all.every((result) => (result as { success_count: number }).success_count === 8))
  })

  await t.test('what no room would take is refused as a whole', async (t) => {
    const room_ids = [await makeRoom(ANN)]
    const ask = (args: object): Promise<unknown> =>
      call(ANN, sendBroadcastMessage, { room_ids, message_content: 'x', ...args })
    for (const message_content of ['', ' \u200b', 'x'.repeat(4001)])
      await t.rejects(ask({ message_content }), refusal(417))
    for (const message_type of ['Text', 'System', 'Announcement'])
      await t.rejects(ask({ message_type }), refusal(417))
    await t.rejects(ask({ room_ids: [] }), refusal(417))
    await t.rejects(ask({ room_ids: Array.from({ length: 101 }, (_, i) => `CR-${String(i)}`) }), refusal(417))
  })

  await t.test('the rooms that one speaks for', async (t) => {
    const mine = async (search?: string): Promise<string[]> =>
      (await call(CLEO, getBroadcastRooms, search === undefined ? {} : { search })).rooms.map(
        (room) => room.room_id,
      )
    t.same(await mine(), [])
    const led = await makeRoom(CLEO, [ANN, BEN], 'Announcement')
    const helped = await makeRoom(ANN, [CLEO])
    await set('tabChat Room', { name: helped }, { room_name: '100% sure' })
    await set('tabChat Room Member', { parent: helped, user: CLEO }, { role: 'Moderator' })
    await makeRoom(ANN, [CLEO])
    const archived = await makeRoom(CLEO)
    await set('tabChat Room', { name: archived }, { room_status: 'Archived' })
    await call(CLEO, createChatRoom, { room_type: 'Direct Message', members: [BEN] })
    t.same(await mine(), [helped, led])
    t.same(await mine('%'), [helped])
    const { rooms, total_count } = await call(CLEO, getBroadcastRooms)
    t.match(
      [rooms[1], total_count],
      [{ room_name: 'Room', user_role: 'Admin', member_count: 3, description: null }, 2],
    )
  })

  await t.test('the caller’s own, as long as they may read the room', async (t) => {
    const history = (args = {}) => call(ANN, getBroadcastHistory, args)
    const all = await history()
    const count = all.pagination.total_count
    const [newest] = all.broadcasts
    t.equal(newest?.message_content, 'x')
    t.ok(all.broadcasts.every((row, i, rows) => i === 0 || row.timestamp <= (rows[i - 1]?.timestamp ?? '')))
    t.same(
      (await history({ page: 2, page_size: 3 })).broadcasts.map(({ name }) => name),
      all.broadcasts.slice(3, 6).map(({ name }) => name),
    )
    t.equal((await call(OUTSIDER, getBroadcastHistory)).pagination.total_count, 0)
    const few = await statements(() => history({ page_size: 1 }))
    const many = await statements(() => history({ page_size: 100 }))
    t.ok(few.length <= 4 && many.length <= 4)
    t.equal((await statements(() => call(ANN, getBroadcastRooms))).length, 1)
    await site.asAdministrator((ctx) =>
      ctx.db('tabChat Room Member').where({ parent: newest?.chat_room, user: ANN }).delete(),
    )
    t.ok((await history()).pagination.total_count < count)
  })
})
