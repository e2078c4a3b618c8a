import { randomUUID } from 'node:crypto'
import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { secondServer } from '../../support/second-server.ts'
import { ANN, BEN } from '../../support/site.ts'
import { roads, wireSite } from '../../support/wire.ts'

await eachDatabase(t, 'one site, two processes', async (t, db) => {
  const database = await db.config()
  const wire = await wireSite(t, { ...db, config: () => Promise.resolve(database) })
  const there = await secondServer(t, database)
  const room = await wire.room(ANN, [BEN])
  const ann = await wire.browser(ANN)
  const annThere = there.like(ann)

  await t.test('a message that is sent to both at once is stored once', async (t) => {
    for (let i = 0; i < 25; i++) {
      const args = { room_id: room, message_content: `no. ${String(i)}`, client_id: randomUUID() }
      const answers = await Promise.all(
        [ann, annThere, ann, annThere].map((client) => roads.json(client, 'f_chat.send_message', args)),
      )
      t.same(
        answers.map(({ status, message }) => [status, message.data?.message_id]),
        answers.map(() => [200, answers[0]?.message.data?.message_id]),
      )
    }
    const rows = await wire.site.database
      .reader('tabChat Message')
      .where({ chat_room: room })
      .orderBy('seq')
      .select<{ seq: number; change_seq: number }[]>('seq', 'change_seq')
    t.same(
      rows.map(({ seq, change_seq }) => [seq, change_seq]),
      Array.from({ length: 26 }, (_, i) => [i + 1, i + 1]),
      'without gaps',
    )
  })

  await t.test('a reaction from both at once is given and taken back', async (t) => {
    const { message_id } = await wire.send(BEN, room, 'react')
    for (let i = 0; i < 10; i++) {
      const [one, two] = await Promise.all(
        [ann, annThere].map((client) =>
          roads.json(client, 'f_chat.add_reaction', { message_id, emoji: '👍' }),
        ),
      )
      t.same([one?.status, two?.status], [200, 200])
      t.same([one, two].map((answer) => answer?.message.data.action).toSorted(), ['added', 'removed'])
    }
  })
})
