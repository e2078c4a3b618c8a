import fc from 'fast-check'
import t from 'tap'
import { nextReadMark, unreadCount } from '../../doctypes/chat_message/unread.ts'
import { getUserChatStatus, markRoomAsRead } from '../../api/unread.ts'
import { rowsOf } from '../../doctypes/query.ts'
import { eachDatabase } from '../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../support/site.ts'

void t.test('unread arithmetic is the same as counting', (t) => {
  const step = fc.oneof(
    fc.record({ send: fc.boolean() }),
    fc.record({ read: fc.option(fc.nat(30), { nil: undefined }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const mine: boolean[] = []
      const position = { last_seq: 0, last_read_seq: 0, own_since_read: 0 }
      for (const one of steps) {
        if ('send' in one) {
          mine.push(one.send)
          position.last_seq++
          if (one.send) position.own_since_read++
          continue
        }
        const mark = nextReadMark(position, one.read)
        if (mark === null) continue
        position.last_read_seq = mark
        position.own_since_read = mine.slice(mark).filter(Boolean).length
      }
      const counted = mine.slice(position.last_read_seq).filter((own) => !own).length
      return unreadCount(position) === counted && position.last_read_seq <= position.last_seq
    }),
  )
  t.end()
})

await eachDatabase(t, 'mark_room_as_read', async (t, db) => {
  const { call, room: makeRoom, send, published, statements, site } = await chatSite(t, db)
  const room = await makeRoom(ANN, [BEN, CLEO])
  const mark = (user: string, up_to_seq?: number) => call(user, markRoomAsRead, { room_id: room, up_to_seq })
  const unread = async (user: string) => (await call(user, getUserChatStatus)).total_unread
  const stored = (user: string) =>
    site.database
      .reader('tabChat Room Member')
      .where({ parent: room, user })
      .first<{ last_read_seq: number; own_since_read: number }>('last_read_seq', 'own_since_read')

  await t.test('forwards only, never beyond the newest, own messages never count', async (t) => {
    for (const user of [BEN, ANN, BEN, ANN, BEN]) await send(user, room, 'x')
    t.equal(await unread(ANN), 3)
    t.equal(await unread(CLEO), 5)
    await mark(ANN, 3)
    t.same(await stored(ANN), { last_read_seq: 3, own_since_read: 1 })
    t.equal(await unread(ANN), 2)
    await mark(ANN, 2)
    t.same(await stored(ANN), { last_read_seq: 3, own_since_read: 1 }, 'not backwards')
    published()
    await mark(ANN, 999)
    t.same(await stored(ANN), { last_read_seq: 6, own_since_read: 0 })
    t.match(published(), [
      {
        room: `chat_room_${room}`,
        event: 'room_read_status_changed',
        message: { room_id: room, user: ANN, last_read_seq: 6, timestamp: /^\d{4}/ },
      },
    ])
    await mark(ANN)
    t.same(published(), [], 'nothing moved, nothing is told')
    t.match(await call(CLEO, getUserChatStatus), {
      total_unread: 5,
      total_rooms: 1,
      rooms_with_unread: [{ name: room, room_name: 'Room', room_type: 'Group Chat', unread_count: 5 }],
    })
  })

  await t.test('reading while everybody writes: the arithmetic still counts right', async (t) => {
    const work = Array.from({ length: 60 }, (_, i) => {
      const user = [ANN, BEN, CLEO][i % 3] ?? ANN
      return i % 4 === 3 ? mark(user, 6 + Math.floor(i / 2)) : send(user, room, String(i))
    })
    await Promise.all(work)
    for (const user of [ANN, BEN, CLEO]) {
      const { last_read_seq } = await stored(user)
      const [row] = await rowsOf<{ n: number }>(
        site.database
          .reader('tabChat Message')
          .where({ chat_room: room })
          .where('seq', '>', last_read_seq)
          .whereNot('sender', user)
          .count({ n: '*' }),
      )
      t.equal(await unread(user), row?.n)
    }
  })

  await t.test('outsiders, bad input, statements', async (t) => {
    await t.rejects(mark(OUTSIDER), refusal(404, /^Chat Room CR-\d+ not found\.$/))
    await t.rejects(call(ANN, markRoomAsRead, { room_id: 'CR-9999' }), refusal(404))
    await t.rejects(mark(ANN, -1), refusal(417))
    t.equal(await unread(OUTSIDER), 0)
    await send(BEN, room, 'last')
    t.equal((await statements(() => mark(ANN))).length, 3)
    t.equal((await statements(() => call(ANN, getUserChatStatus))).length, 1)
  })
})
