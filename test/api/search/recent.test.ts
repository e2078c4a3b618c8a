import tap from 'tap'
import { deleteMessageMethod } from '../../../api/message-changes.ts'
import { getRecentChatActivity } from '../../../api/recent.ts'
import { createChatRoom } from '../../../api/rooms.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER } from '../../support/site.ts'

await eachDatabase(tap, 'recent activity', async (t, db) => {
  const chat = await chatSite(t, db)
  const { site, call } = chat
  const recent = async (user: string) => (await call(user, getRecentChatActivity)).recent_activity
  const texts = async (user: string): Promise<string[]> =>
    (await recent(user)).map(({ message_content }) => message_content)

  await t.test('is of the caller’s rooms, newest first', async (t) => {
    t.same(await recent(OUTSIDER), [])
    const room = await chat.room(ANN, [BEN])
    const hidden = await chat.room(ANN, [CLEO])
    const direct = await call(ANN, createChatRoom, { room_type: 'Direct Message', members: [BEN] })
    await chat.send(ANN, room, 'one')
    await chat.send(ANN, hidden, 'not for Ben')
    const { message_id } = await chat.send(ANN, direct.room_id, 'two')
    t.same((await texts(BEN)).slice(0, 2), ['two', 'one'])
    t.match((await recent(BEN))[0], {
      name: message_id,
      chat_room: direct.room_id,
      room_name: 'Ann',
      room_type: 'Direct Message',
      sender: ANN,
      sender_name: 'Ann',
      message_type: 'Text',
    })
    await call(ANN, deleteMessageMethod, { message_id })
    t.equal((await texts(BEN))[0], 'one')
    await site.asAdministrator(({ db }) =>
      db('tabChat Room Member').where({ parent: room, user: BEN }).delete(),
    )
    t.notOk((await texts(BEN)).includes('one'))
  })

  await t.test('is short: ten messages, a hundred characters, a day', async (t) => {
    const room = await chat.room(CLEO)
    const family = '👩‍👩‍👧‍👦'
    await chat.send(CLEO, room, family.repeat(150))
    t.equal((await texts(CLEO))[0], family.repeat(100))
    for (let i = 1; i <= 12; i++) await chat.send(CLEO, room, `number ${String(i)}`)
    t.same(
      await texts(CLEO),
      Array.from({ length: 10 }, (_, i) => `number ${String(12 - i)}`),
    )
    await site.asAdministrator(async ({ db }) => {
      const before = site.clock.at(Date.now() - 25 * 3_600_000)
      await db('tabChat Message')
        .where({ message_content: 'number 12' })
        .whereNot({ chat_room: '' })
        .update({ is_deleted: 1 })
      await db('tabChat Message').whereNot({ message_content: 'number 11' }).update({ timestamp: before })
    })
    t.same(await texts(CLEO), ['number 11'])
  })

  await t.test('costs three statements', async (t) => {
    for (let i = 0; i < 15; i++) await chat.send(BEN, await chat.room(BEN, [ANN]), 'hello')
    await call(ANN, createChatRoom, { room_type: 'Direct Message', members: [CLEO] })
    t.equal((await chat.statements(() => recent(ANN))).length, 3)
    t.equal((await recent(ANN)).length, 10)
  })
})
