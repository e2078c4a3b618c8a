import t from 'tap'
import { createChatRoom, getUserChatRooms } from '../../../api/rooms.ts'
import { getChatMessages } from '../../../api/messages.ts'
import { heartbeat } from '../../../api/presence.ts'
import { sync } from '../../../api/sync.ts'
import { getUserChatStatus, markRoomAsRead } from '../../../api/unread.ts'
import { searchUsersForChatRoom } from '../../../api/users.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, chatSite, CLEO } from '../../support/site.ts'

await eachDatabase(t, 'statements', async (t, db) => {
  const { site, call, room: makeRoom, send, statements } = await chatSite(t, db)
  const first = await makeRoom(ANN, [BEN])
  const rooms = [first]

  /** How many statements each read costs as things stand. */
  const costs = async (): Promise<Record<string, number>> => {
    const known = Object.fromEntries(rooms.map((room) => [room, 0]))
    const works: Record<string, () => Promise<unknown>> = {
      rooms: () => call(ANN, getUserChatRooms, { page_size: 100 }),
      searched: () => call(ANN, getUserChatRooms, { page_size: 100, search: 'e' }),
      history: () => call(ANN, getChatMessages, { room_id: first, page_size: 50 }),
      sync: () => call(ANN, sync, { rooms: known }),
      status: () => call(ANN, getUserChatStatus),
      heartbeat: () => call(ANN, heartbeat),
      people: () => call(ANN, searchUsersForChatRoom, { room_id: first }),
      read: () => call(ANN, markRoomAsRead, { room_id: first, up_to_seq: 1 }),
      opening: () =>
        site.read({ user: ANN }, async (ctx) => {
          for (const open of site.registry.hooks((app) => app.socket_open)) await open(ctx)
        }),
    }
    const counted: Record<string, number> = {}
    for (const [name, work] of Object.entries(works)) counted[name] = (await statements(work)).length
    return counted
  }

  await send(BEN, first, 'one')
  await call(ANN, createChatRoom, { room_type: 'Direct Message', members: [BEN] })
  const small = await costs()
  t.comment(small)
  for (let i = 0; i < 60; i++) rooms.push(await makeRoom(ANN, i % 2 ? [BEN, CLEO] : []))
  await call(ANN, createChatRoom, { room_type: 'Direct Message', members: [CLEO] })
  for (let i = 0; i < 120; i++)
    await send(i % 3 ? BEN : ANN, i % 2 ? first : (rooms[i % 60] ?? first), 'more')
  const large = await costs()
  t.same(large, small, 'whatever the size')
  t.ok(Object.values(large).every((count) => count <= 6))

  const one = await statements(() => makeRoom(ANN, [BEN]))
  const many = await statements(() => makeRoom(ANN, [BEN, CLEO, 'olaf@test.example']))
  t.equal(many.length, one.length, 'a room costs the same, however many are in it')
})
