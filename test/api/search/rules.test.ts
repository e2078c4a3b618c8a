import tap from 'tap'
import { deleteMessageMethod, editMessageMethod } from '../../../api/message-changes.ts'
import { createChatRoom } from '../../../api/rooms.ts'
import { getGlobalChatSearch, searchMessages } from '../../../api/search.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../../support/site.ts'

await eachDatabase(tap, 'search', async (t, db) => {
  const chat = await chatSite(t, db)
  const { site, call, send } = chat
  const inRoom = async (user: string, room: string, term: string, more = {}): Promise<(string | null)[]> =>
    (await call(user, searchMessages, { room_id: room, search_term: term, ...more })).messages.map(
      ({ message_content }) => message_content,
    )
  const everywhere = async (user: string, term: string): Promise<(string | null)[]> =>
    (await call(user, getGlobalChatSearch, { search_term: term })).results.map(
      ({ message_content }) => message_content,
    )

  await t.test('only in what the caller may read', async (t) => {
    const room = await chat.room(ANN, [BEN])
    const other = await chat.room(ANN, [CLEO])
    await send(ANN, room, 'granite one')
    await send(ANN, other, 'granite two')
    t.same(await everywhere(ANN, 'granite'), ['granite two', 'granite one'])
    t.same(await everywhere(BEN, 'granite'), ['granite one'])
    t.same(await everywhere(OUTSIDER, 'granite'), [])
    t.same(await everywhere('Administrator', 'granite'), [])
    t.same(await inRoom(BEN, room, 'granite'), ['granite one'])
    const hidden = { room_id: other, search_term: 'granite' }
    const message = async (room_id: string): Promise<string> =>
      await call(BEN, searchMessages, { ...hidden, room_id }).then(
        () => 'found',
        (error: unknown) => (error instanceof Error ? error.message.replace(room_id, '…') : ''),
      )
    t.equal(await message(other), await message('CR-987654'), 'as a room that does not exist')
    await t.rejects(call('Administrator', searchMessages, hidden), refusal(404))

    await site.asAdministrator(({ db }) =>
      db('tabChat Room Member').where({ parent: room, user: BEN }).delete(),
    )
    t.same(await everywhere(BEN, 'granite'), [], 'removed')
    await t.rejects(inRoom(BEN, room, 'granite'), refusal(404))
    await site.asAdministrator(({ db }) =>
      db('tabChat Room').where({ name: other }).update({ room_status: 'Deleted' }),
    )
    t.same(await everywhere(CLEO, 'granite'), [], 'a deleted room')
    await t.rejects(inRoom(CLEO, other, 'granite'), refusal(404))
    await site.asAdministrator(({ db }) =>
      db('tabChat Room').where({ name: other }).update({ room_status: 'Archived' }),
    )
    t.same(await everywhere(CLEO, 'granite'), ['granite two'], 'an archived one can be read')
  })

  await t.test('as the messages are now', async (t) => {
    const room = await chat.room(ANN, [BEN])
    const { message_id } = await send(ANN, room, 'obsidian')
    await call(ANN, editMessageMethod, { message_id, new_content: 'feldspar' })
    t.same(await inRoom(BEN, room, 'obsidian'), [])
    t.same(await inRoom(BEN, room, 'feldspar'), ['feldspar'])
    await call(ANN, editMessageMethod, { message_id, new_content: '…?!' })
    t.same(await inRoom(BEN, room, 'feldspar'), [], 'without a word now')
    await call(ANN, editMessageMethod, { message_id, new_content: 'feldspar' })
    await call(ANN, deleteMessageMethod, { message_id })
    t.same(await inRoom(BEN, room, 'feldspar'), [])
    t.same(await everywhere(BEN, 'feldspar'), [])
    t.same(await inRoom(BEN, room, 'deleted'), [], 'nor by what stands in its place')
    t.same(await inRoom(BEN, room, 'created'), [], 'what the server records is not looked through')
    const [row] = await site.database.reader('__chat_search').where({ chat_room: room }).count({ n: '*' })
    t.equal(Number(row?.n), 0)

    await t.rejects(
      site.write({ user: ANN }, async (ctx) => {
        await ctx.call('f_chat.send_message', { room_id: room, message_content: 'basalt' })
        throw new Error('and back')
      }),
      /and back/,
    )
    t.same(await inRoom(ANN, room, 'basalt'), [], 'a message that was not stored')
  })

  await t.test('filters', async (t) => {
    const room = await chat.room(ANN, [BEN])
    await send(ANN, room, 'slate by Ann')
    const { timestamp } = await send(BEN, room, 'slate by Ben')
    await send(BEN, room, 'slate again')
    const today = timestamp.slice(0, 10)
    const newest = ['slate again', 'slate by Ben', 'slate by Ann']
    t.same(await inRoom(ANN, room, 'slate', { sender: BEN }), newest.slice(0, 2))
    t.same(await inRoom(ANN, room, 'slate', { sender: OUTSIDER }), [])
    t.same(await inRoom(ANN, room, 'slate', { message_type: 'Text' }), newest)
    t.same(await inRoom(ANN, room, 'slate', { message_type: 'File' }), [])
    t.same(await inRoom(ANN, room, 'slate', { from_date: today, to_date: today }), newest)
    t.same(await inRoom(ANN, room, 'slate', { from_date: timestamp }), newest.slice(0, 2))
    t.same(await inRoom(ANN, room, 'slate', { to_date: timestamp, sender: BEN }), newest.slice(1, 2))
    t.same(await inRoom(ANN, room, 'slate', { from_date: '2199-01-01' }), [])
    t.same(await inRoom(ANN, room, 'slate', { to_date: '2001-01-01T10:00' }), [])
    for (const wrong of [{ message_type: 'Nonsense' }, { from_date: '2026-02-30' }, { to_date: 'yesterday' }])
      await t.rejects(inRoom(ANN, room, 'slate', wrong), refusal(417))
  })

  await t.test('pages', async (t) => {
    const room = await chat.room(ANN)
    for (let i = 1; i <= 25; i++) await send(ANN, room, `marble ${String(i)}`)
    const page = (page: number, page_size: number) =>
      call(ANN, searchMessages, { room_id: room, search_term: 'marble', page, page_size })
    const second = await page(2, 10)
    t.same(
      second.messages.map(({ message_content }) => message_content),
      Array.from({ length: 10 }, (_, i) => `marble ${String(15 - i)}`),
    )
    t.same(second.pagination, {
      total_count: 25,
      page: 2,
      page_size: 10,
      total_pages: 3,
      has_next: true,
      has_prev: true,
    })
    t.equal(second.total_is_minimum, false)
    t.equal((await page(3, 10)).pagination.has_next, false)
    t.equal((await page(5, 5)).messages.length, 5)
    const beyond = await page(1_000_000, 100)
    t.same([beyond.messages, beyond.pagination.has_next], [[], false])
    const all = await call(ANN, getGlobalChatSearch, { search_term: 'marble', page: 3, page_size: 10 })
    t.equal(all.results.length, 5)
    t.equal(all.pagination.total_count, 25)
  })

  await t.test('very many words, and very long ones', async (t) => {
    const room = await chat.room(ANN)
    const words = Array.from({ length: 18 }, (_, i) => `word${String.fromCharCode(97 + i)}`)
    await send(ANN, room, words.join(' '))
    t.equal((await inRoom(ANN, room, words.join(' '))).length, 1)
    t.same(await inRoom(ANN, room, [...words.slice(0, 17), 'no'].join(' ')), [])
    await t.rejects(
      inRoom(ANN, room, 'a b c d e f g h i j k l m n o p q r s t u'),
      refusal(417, /at most 20/),
    )
    t.equal((await inRoom(ANN, room, Array(2000).fill('worda').join(' ').slice(0, 4000))).length, 1)
    await send(ANN, room, 'x'.repeat(4000))
    await send(ANN, room, '字'.repeat(4000))
    t.equal((await inRoom(ANN, room, 'x'.repeat(4000))).length, 1)
    t.equal((await inRoom(ANN, room, `${'x'.repeat(3999)}y`)).length, 0)
    t.equal((await inRoom(ANN, room, '字'.repeat(4000))).length, 1)
    t.equal((await inRoom(ANN, room, `${'字'.repeat(3999)}符`)).length, 0)
    t.equal((await inRoom(ANN, room, `"${Array(1900).fill('q').join(' ')}"`)).length, 0)
    await t.rejects(inRoom(ANN, room, 'x'.repeat(4001)), refusal(417))
  })

  await t.test('what was found is marked, and nothing else is HTML', async (t) => {
    const direct = await call(ANN, createChatRoom, { room_type: 'Direct Message', members: [BEN] })
    const text = `<img src=x onerror="alert('quartz')"> & QUARTZ <b>`
    await send(BEN, direct.room_id, text)
    const { results } = await call(ANN, getGlobalChatSearch, { search_term: 'quar' })
    const [hit] = results
    t.match(hit, {
      chat_room: direct.room_id,
      room_name: 'Ben',
      room_type: 'Direct Message',
      sender: BEN,
      sender_name: 'Ben',
      message_type: 'Text',
      message_content: text,
      snippet: text,
    })
    t.equal(
      hit?.highlighted_content,
      '&lt;img src=x onerror=&quot;alert(&#39;<mark>quar</mark>tz&#39;)&quot;&gt; &amp; <mark>QUAR</mark>TZ &lt;b&gt;',
    )
    t.same(
      hit?.highlights.map(([start, end]) => text.slice(start, end)),
      ['quar', 'QUAR'],
    )
  })

  await t.test('a constant number of statements', async (t) => {
    const room = await chat.room(ANN, [BEN])
    const counts = async (): Promise<number[]> => [
      (await chat.statements(() => inRoom(ANN, room, 'gneiss'))).length,
      (await chat.statements(() => everywhere(ANN, 'gneiss'))).length,
    ]
    await send(ANN, room, 'gneiss')
    const few = await counts()
    for (let i = 0; i < 40; i++) await send(BEN, i % 2 ? room : await chat.room(BEN, [ANN]), 'gneiss')
    t.same(await counts(), few)
    t.ok(
      few.every((count) => count <= 6),
      String(few),
    )
  })
})
