import t from 'tap'
import { getChatAnalytics } from '../../../api/analytics.ts'
import { fillDays, summarise } from '../../../doctypes/chat_room/analytics.ts'
import { addDays } from '../../../doctypes/days.ts'
import { eachDatabase } from '../../support/databases.ts'
import { daysAgo, writeMany } from '../../support/operations.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../../support/site.ts'

t.test('days', async (t) => {
  t.equal(addDays('2024-02-28', 1), '2024-02-29')
  t.equal(addDays('2026-01-01', -1), '2025-12-31')
  t.same(
    fillDays([{ date: '2026-03-01', message_count: 2, unique_senders: 1 }], '2026-02-28', '2026-03-01'),
    [
      { date: '2026-02-28', message_count: 0, unique_senders: 0 },
      { date: '2026-03-01', message_count: 2, unique_senders: 1 },
    ],
  )
})

t.test('sums', async (t) => {
  t.same(summarise([]), {
    message_stats: { total_messages: 0, active_users: 0, avg_message_length: 0 },
    message_by_type: [],
    most_active_users: [],
  })
  const row = { sender: 'a', full_name: 'A', message_type: 'Text', messages: 2, characters: '7' }
  t.same(
    summarise([
      row,
      { ...row, message_type: 'File', messages: 3, characters: 0 },
      { ...row, sender: 'b', full_name: null, messages: 1 },
    ]),
    {
      message_stats: { total_messages: 6, active_users: 2, avg_message_length: 2.33 },
      message_by_type: [
        { message_type: 'File', count: 3 },
        { message_type: 'Text', count: 3 },
      ],
      most_active_users: [
        { sender: 'a', full_name: 'A', message_count: 5 },
        { sender: 'b', full_name: 'b', message_count: 1 },
      ],
    },
  )
})

await eachDatabase(t, 'analytics', async (t, db) => {
  const chat = await chatSite(t, db, { config: { time_zone: 'Pacific/Auckland' } })
  const { site, call, room: makeRoom, send, statements } = chat
  const room = await makeRoom(ANN, [BEN, CLEO])
  const today = site.clock.now().slice(0, 10)
  const read = (period?: string) =>
    call(BEN, getChatAnalytics, { room_id: room, ...(period ? { period } : {}) })

  await t.test('of a room in which nobody has written', async (t) => {
    t.same(await read('day'), {
      period: 'day',
      start_date: today,
      end_date: today,
      message_stats: { total_messages: 0, active_users: 0, avg_message_length: 0 },
      message_by_type: [],
      most_active_users: [],
      daily_stats: [{ date: today, message_count: 0, unique_senders: 0 }],
      file_stats: { messages_with_files: 0, total_files: 0, total_file_size: 0 },
    })
  })

  await t.test('count what people wrote, by the days of the site', async (t) => {
    for (const text of ['👩‍👩‍👧‍👦', 'ab', 'abcd']) await send(BEN, room, text)
    const { message_id } = await send(CLEO, room, 'four')
    const gone = await send(CLEO, room, 'gone')
    await site.write({ user: CLEO }, async (ctx) => {
      await (await ctx.getDoc('Chat Message', gone.message_id)).delete()
      for (const i of [1, 2]) {
        await ctx.db('tabChat Message Attachment').insert({
          name: `file-${String(i)}`,
          parent: message_id,
          parenttype: 'Chat Message',
          file_name: 'f',
          file_url: `/private/files/f${String(i)}`,
          file_size: 2_000_000_000,
        })
      }
    })
    await writeMany(chat, { room, sender: ANN, count: 5, from: daysAgo(3) })
    await writeMany(chat, { room, sender: ANN, count: 2, from: daysAgo(3), type: 'Voice' })
    await writeMany(chat, { room, sender: ANN, count: 9, from: daysAgo(3), type: 'System' })
    await writeMany(chat, { room, sender: BEN, count: 4, from: daysAgo(20) })
    await writeMany(chat, { room, sender: BEN, count: 3, from: daysAgo(360) })

    const week = await read()
    t.match(week, {
      period: 'week',
      start_date: addDays(today, -6),
      end_date: today,
      message_stats: { total_messages: 11, active_users: 3 },
      most_active_users: [
        { sender: ANN, full_name: 'Ann', message_count: 7 },
        { sender: BEN, full_name: 'Ben', message_count: 3 },
        { sender: CLEO, message_count: 1 },
      ],
      message_by_type: [
        { message_type: 'Text', count: 9 },
        { message_type: 'Voice', count: 2 },
      ],
      file_stats: { messages_with_files: 1, total_files: 2, total_file_size: 4_000_000_000 },
    })
    t.equal(week.daily_stats.length, 7)
    const counts = Object.fromEntries(
      week.daily_stats.map((day) => [day.date, [day.message_count, day.unique_senders]]),
    )
    t.same(counts[today], [4, 2])
    t.same(counts[site.clock.at(daysAgo(3).getTime()).slice(0, 10)], [7, 1])
    const day = await read('day')
    t.equal(
      day.message_stats.avg_message_length,
      (7 + 2 + 4 + 4) / 4,
      'an emoji of seven code points has seven',
    )
    t.equal((await read('month')).message_stats.total_messages, 15)
    t.equal((await read('month')).daily_stats.length, 30)
    t.equal((await read('year')).message_stats.total_messages, 18)
    t.equal((await read('year')).daily_stats.length, 365)
  })

  await t.test('the same few statements, whatever there is', async (t) => {
    const small = await makeRoom(ANN)
    const few = await statements(() => call(ANN, getChatAnalytics, { room_id: small }))
    const many = await statements(() => read('year'))
    t.equal(few.length, many.length)
    t.equal(many.length, 4)
  })

  await t.test('for members only', async (t) => {
    for (const user of [OUTSIDER, 'Administrator'])
      await t.rejects(call(user, getChatAnalytics, { room_id: room }), refusal(404))
    await t.rejects(read('decade'), refusal(417))
  })
})
