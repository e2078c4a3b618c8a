import t from 'tap'
import { getChatMessages, sendMessage } from '../../api/messages.ts'
import { eachDatabase } from '../support/databases.ts'
import { ANN, BEN, chatSite, OUTSIDER, refusal } from '../support/site.ts'

await eachDatabase(t, 'send_message', async (t, db) => {
  const { call, room: makeRoom, send, published, statements, site } = await chatSite(t, db)

  await t.test('answers the message and tells the room, with the next number', async (t) => {
    const room = await makeRoom(ANN, [BEN])
    published()
    const sent = await send(BEN, room, 'Hello 👋')
    t.match(sent, { room_id: room, sender: BEN, message_content: 'Hello 👋', message_type: 'Text', seq: 2 })
    t.match(sent.message_id, /^MSG-\d{4,}$/)
    t.match(sent.timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/)
    t.match(published(), [
      {
        type: 'event',
        room: `chat_room_${room}`,
        event: 'chat_new_message',
        message: {
          message_id: sent.message_id,
          room_id: room,
          room_name: 'Room',
          sender: BEN,
          sender_name: 'Ben',
          message_type: 'Text',
          content: 'Hello 👋',
          timestamp: sent.timestamp,
          attachments: [],
          reply_to: null,
          seq: 2,
          change_seq: 2,
          client_id: null,
        },
      },
    ])
  })

  await t.test('an outsider and a room that is not there get the same answer', async (t) => {
    const room = await makeRoom(ANN, [BEN])
    await t.rejects(send(OUTSIDER, room, 'hi'), { status: 404, message: `Chat Room ${room} not found.` })
    await t.rejects(send(ANN, 'CR-99999', 'hi'), { status: 404, message: 'Chat Room CR-99999 not found.' })
    await t.rejects(send(ANN, room.toLowerCase(), 'hi'), refusal(404))
    await t.rejects(send('Administrator', room, 'hi'), refusal(404))
    await t.rejects(send('Guest', room, 'hi'), refusal(403))
  })

  await t.test('bad input is refused and takes no number', async (t) => {
    const room = await makeRoom(ANN, [BEN])
    const refuse = (args: object, error: ReturnType<typeof refusal>) =>
      t.rejects(call(ANN, sendMessage, { room_id: room, message_content: 'x', ...args }), error)
    await refuse({ message_content: ' \n ' }, refusal(417, /empty/))
    await refuse({ message_content: '😀'.repeat(4001) }, refusal(417, /too long/))
    await refuse({ message_type: 'System' }, refusal(417, /message_type must be one of/))
    await refuse({ message_type: 'File' }, refusal(417, /needs a file/))
    await refuse({ attachments: [{ file_url: '/private/files/secret.pdf' }] }, refusal(417, /uploaded/))
    await refuse({ room_id: '' }, refusal(417))
    await refuse({ reply_to: 'MSG-nowhere' }, refusal(417, /not in this room/))
    t.equal((await call(ANN, sendMessage, { room_id: room, message_content: '😀'.repeat(4000) })).seq, 2)
  })

  await t.test('a reply stays in its room', async (t) => {
    const [here, there] = [await makeRoom(ANN, [BEN]), await makeRoom(ANN)]
    const [mine, other] = [await send(ANN, here, 'here'), await send(ANN, there, 'there')]
    const reply = { room_id: here, message_content: 're' }
    t.equal((await call(BEN, sendMessage, { ...reply, reply_to: mine.message_id })).seq, 3)
    await t.rejects(call(BEN, sendMessage, { ...reply, reply_to: other.message_id }), refusal(417))
    await t.rejects(call(OUTSIDER, sendMessage, { ...reply, reply_to: other.message_id }), refusal(404))
  })

  await t.test('muted members, plain members of an Announcement and archived rooms', async (t) => {
    const room = await makeRoom(ANN, [BEN])
    const news = await makeRoom(ANN, [BEN], 'Announcement')
    await site.asAdministrator(async ({ db }) => {
      await db('tabChat Room Member').where({ parent: room, user: BEN }).update({ is_muted: 1 })
    })
    await t.rejects(send(BEN, room, 'x'), refusal(403, /muted/))
    await t.rejects(send(BEN, news, 'x'), refusal(403, /Announcement/))
    t.equal((await send(ANN, news, 'x')).seq, 2)
    await site.asAdministrator(async ({ db }) => {
      await db('tabChat Room').where({ name: room }).update({ room_status: 'Archived' })
    })
    await t.rejects(send(ANN, room, 'x'), refusal(417, /archived/))
  })

  await t.test('the same client_id is the same message, also at the same moment', async (t) => {
    const room = await makeRoom(ANN, [BEN])
    published()
    const once = { room_id: room, message_content: 'once', client_id: 'c-1' }
    const tries = await Promise.all([1, 2, 3, 4].map(() => call(ANN, sendMessage, once)))
    t.equal(new Set(tries.map(({ message_id }) => message_id)).size, 1)
    t.same(await call(ANN, sendMessage, { ...once, message_content: 'changed' }), tries[0])
    t.equal(published().length, 1)
    t.not(
      (await call(BEN, sendMessage, once)).message_id,
      tries[0]?.message_id,
      "another's key is another key",
    )
    t.equal((await send(ANN, room, 'next')).seq, 4, 'no number was lost')
    await site.asAdministrator(async ({ db }) => {
      await db('tabChat Room Member').where({ parent: room, user: ANN }).update({ is_muted: 1 })
    })
    t.same(await call(ANN, sendMessage, once), tries[0], 'a retry after being muted')
  })

  await t.test('many at once: numbers without gaps', async (t) => {
    const room = await makeRoom(ANN, [BEN])
    await Promise.all(Array.from({ length: 40 }, (_, i) => send(i % 2 ? ANN : BEN, room, String(i))))
    const { messages } = await call(ANN, getChatMessages, { room_id: room, page_size: 100 })
    const seqs = messages.map(({ seq }) => seq)
    t.same(
      seqs,
      Array.from({ length: 41 }, (_, i) => 41 - i),
    )
    t.same(
      messages.map(({ change_seq }) => change_seq),
      seqs,
    )
  })

  await t.test('is two statements and one for the search index; one more on SQLite', async (t) => {
    const room = await makeRoom(ANN)
    for (let i = 0; i < 4; i++) await send(ANN, room, 'warm')
    const sent = await statements(() => send(ANN, room, 'counted'))
    const own = sent.filter((sql) => !sql.includes('tabSeries'))
    t.equal(own.length, db.kind === 'mariadb' ? 3 : 4, own.join('\n'))
  })

  await t.test('as a document: the same rules, the same event', async (t) => {
    const room = await makeRoom(ANN, [BEN])
    published()
    const insert = (user: string, values: object) =>
      site.write({ user }, (ctx) =>
        ctx.insert('Chat Message', {
          chat_room: room,
          message_content: 'doc',
          sender: BEN,
          seq: 99,
          ...values,
        }),
      )
    const doc = await insert(ANN, {})
    t.match(doc.plain(), { sender: ANN, seq: 2, change_seq: 2, message_type: 'Text' })
    t.match(published(), [{ event: 'chat_new_message', message: { seq: 2, sender: ANN } }])
    await t.rejects(insert(OUTSIDER, {}), refusal(404))
    await t.rejects(insert(ANN, { message_type: 'System' }), refusal(417))
    await t.rejects(
      site.write({ user: ANN }, async (ctx) => {
        const stored = await ctx.getDoc('Chat Message', doc.name)
        stored.set('message_content', 'rewritten')
        await stored.save()
      }),
      refusal(403),
    )
    const remove = (user: string) =>
      site.write({ user }, async (ctx) => (await ctx.getDoc('Chat Message', doc.name)).delete())
    await t.rejects(remove('Administrator'), refusal(404))
    await remove(ANN)
    const tombstone = await site.read({ user: ANN }, (ctx) => ctx.getDoc('Chat Message', doc.name))
    t.match(tombstone.plain(), { is_deleted: 1, seq: 2, message_content: 'This message was deleted' })
  })
})
