import t from 'tap'
import { getChatSystemStats, getRoomStorageUsage, optimizeChatDatabase } from '../../../api/maintenance.ts'
import { getChatSettings } from '../../../api/settings.ts'
import { formatBytes } from '../../../doctypes/bytes.ts'
import { addDays } from '../../../doctypes/days.ts'
import { countRoomStatistics } from '../../../jobs/chat-maintenance.ts'
import { eachDatabase } from '../../support/databases.ts'
import { runJob, writeMany } from '../../support/operations.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../../support/site.ts'
import { wireSite } from '../../support/wire.ts'

const ADMIN = 'chad@test.example'
const MANAGER = 'mana@test.example'

t.test('sizes for people', async (t) => {
  t.same([0, 1, 1023, 1024, 1536, 10 * 1024 * 1024, 1024 ** 4, 5000 * 1024 ** 4].map(formatBytes), [
    ...['0 B', '1 B', '1023 B', '1 KB', '1.5 KB', '10 MB', '1 TB', '5000 TB'],
  ])
})

await eachDatabase(t, 'maintenance', async (t, db) => {
  const chat = await chatSite(t, db)
  const { site, call, room: makeRoom, send, statements } = chat
  await site.asAdministrator(async (ctx) => {
    for (const [email, role] of [
      [ADMIN, 'Chat Admin'],
      [MANAGER, 'System Manager'],
    ] as const)
      await ctx.insert('User', { email, first_name: role, roles: [{ role }] })
  })
  const room = await makeRoom(ANN, [BEN])
  const attach = (message: string, files: [type: string | null, size: number][]): Promise<void> =>
    site.asAdministrator(async (ctx) => {
      for (const [i, [file_type, file_size]] of files.entries()) {
        await ctx.db('tabChat Message Attachment').insert({
          name: `${message}-${String(i)}`,
          parent: message,
          parenttype: 'Chat Message',
          file_name: 'f',
          file_url: `/private/files/${message}-${String(i)}`,
          file_type,
          file_size,
        })
      }
    })

  await t.test('what a room’s files take', async (t) => {
    const usage = (user = ANN) => call(user, getRoomStorageUsage, { room_id: room })
    t.same(await usage(), {
      ...{ messages_with_files: 0, total_files: 0, total_size: 0, total_size_formatted: '0 B' },
      ...{ avg_file_size: 0, avg_file_size_formatted: '0 B', file_types: [] },
    })
    const few = await statements(usage)
    await attach((await send(ANN, room, 'a')).message_id, [
      ['image/png', 1024],
      ['image/png', 2048],
      [null, 5],
    ])
    await attach((await send(BEN, room, 'b')).message_id, [['text/plain', 3_000_000_000]])
    const gone = await send(BEN, room, 'c')
    await attach(gone.message_id, [['text/plain', 9]])
    await site.write({ user: BEN }, async (ctx) =>
      (await ctx.getDoc('Chat Message', gone.message_id)).delete(),
    )
    t.same(await usage(), {
      messages_with_files: 2,
      total_files: 4,
      total_size: 3_000_003_077,
      total_size_formatted: '2.8 GB',
      avg_file_size: 750_000_769,
      avg_file_size_formatted: '715.3 MB',
      file_types: [
        { file_type: 'text/plain', count: 1, total_size: 3_000_000_000, total_size_formatted: '2.8 GB' },
        { file_type: 'image/png', count: 2, total_size: 3072, total_size_formatted: '3 KB' },
        { file_type: 'unknown', count: 1, total_size: 5, total_size_formatted: '5 B' },
      ],
    })
    t.equal((await statements(usage)).length, few.length)
    await t.rejects(usage(OUTSIDER), refusal(404))
    await t.rejects(usage(MANAGER), refusal(404))
  })

  await t.test('how much there is of the chat', async (t) => {
    const stats = (user = ADMIN) => call(user, getChatSystemStats)
    const before = await stats()
    const few = await statements(stats)
    const more = await makeRoom(CLEO, [ANN])
    await send(CLEO, more, 'today')
    await writeMany(chat, { room: more, sender: ANN, count: 20, from: new Date('2020-01-01') })
    const gone = await makeRoom(CLEO, [OUTSIDER])
    await send(OUTSIDER, gone, 'in a deleted room')
    await site.asAdministrator(async (ctx) => {
      await ctx.db('tabChat Room').where({ name: gone }).update({ room_status: 'Deleted' })
      await ctx.db('tabUser').where({ name: BEN }).update({ enabled: 0 })
    })
    t.same(await stats(), {
      total_rooms: before.total_rooms + 1,
      total_messages: before.total_messages + 22,
      total_users: 2,
      messages_today: before.messages_today + 1,
      active_users_today: before.active_users_today + 1,
    })
    t.equal((await statements(stats)).length, few.length)
    t.ok(await stats(MANAGER))
    t.ok(await stats('Administrator'))
    for (const user of [ANN, OUTSIDER]) await t.rejects(stats(user), refusal(403))
    await site.asAdministrator((ctx) => ctx.db('tabUser').where({ name: BEN }).update({ enabled: 1 }))
  })

  await t.test('the database is looked after, and counters put right', async (t) => {
    for (const user of [ANN, ADMIN]) await t.rejects(call(user, optimizeChatDatabase), refusal(403))
    const clean = await call(MANAGER, optimizeChatDatabase)
    t.match(clean, { database: db.kind, repaired: { rooms: 0, members: 0 } })
    const names = clean.tables.map(({ table }) => table)
    for (const table of [
      'tabChat Message',
      'tabChat Room',
      'tabChat Room Member',
      'tabChat Message Attachment',
    ])
      t.ok(names.includes(table), table)
    t.ok(clean.tables.every(({ done }) => done[0] === 'analyze'))
    t.ok(names.includes('__chat_search'), 'and the index of their words')
    t.notOk(names.includes('tabChat Settings'))

    const wrong = await makeRoom(ANN, [BEN])
    for (let i = 0; i < 3; i++) await send(ANN, wrong, 'x')
    await site.asAdministrator(async ({ db }) => {
      await db('tabChat Room').where({ name: wrong }).update({ deleted_count: 2 })
      await db('tabChat Room Member').where({ parent: wrong }).update({ own_since_read: 9 })
    })
    t.same((await call(MANAGER, optimizeChatDatabase)).repaired, { rooms: 1, members: 2 })
    t.same(
      await site.database
        .reader('tabChat Room Member')
        .where({ parent: wrong })
        .orderBy('idx')
        .pluck('own_since_read'),
      [3, 0],
    )
    t.equal(
      (await site.database.reader('tabChat Room').where({ name: wrong }).first('deleted_count'))
        .deleted_count,
      0,
    )
    t.same((await call(MANAGER, optimizeChatDatabase)).repaired, { rooms: 0, members: 0 })
  })

  await t.test('a room’s days are counted, each once', async (t) => {
    const today = site.clock.now().slice(0, 10)
    const yesterday = addDays(today, -1)
    const busy = await makeRoom(ANN, [BEN])
    const at = (day: string): Date => new Date(`${day}T10:00:00Z`)
    await writeMany(chat, { room: busy, sender: ANN, count: 4, from: at(yesterday) })
    await writeMany(chat, { room: busy, sender: BEN, count: 2, from: at(yesterday) })
    await writeMany(chat, { room: busy, sender: BEN, count: 7, from: at(yesterday), type: 'System' })
    await writeMany(chat, { room: busy, sender: BEN, count: 1, from: at(addDays(yesterday, -2)) })
    await attach(`MANY-${busy}-2`, [['text/plain', 3_000_000_000]])
    const rows = () =>
      site.read({ user: ADMIN }, (ctx) =>
        ctx.getList('Chat Room Statistics', {
          filters: { chat_room: busy },
          fields: [
            ...['name', 'statistics_date', 'message_count', 'active_members'],
            ...['file_count', 'file_size', 'member_count'],
          ],
          order_by: 'statistics_date desc',
        }),
      )
    const counted = {
      name: `${busy}-${yesterday}`,
      statistics_date: yesterday,
      message_count: 6,
      active_members: 2,
      file_count: 1,
      file_size: 3_000_000_000,
      member_count: 2,
    }
    await runJob(chat, countRoomStatistics)
    t.same(await rows(), [counted])
    await runJob(chat, countRoomStatistics)
    t.same(await rows(), [counted])
    // As if the site had been off for three days, and once had been on long ago.
    await site.asAdministrator(async ({ db }) => {
      await db('tabChat Room Statistics')
        .update({ statistics_date: addDays(yesterday, -3), name: 'old' })
        .where({ name: counted.name })
      const first = await db('tabChat Room Statistics').first<object>()
      await db('tabChat Room Statistics').insert({ ...first, name: 'ancient', statistics_date: '2020-01-01' })
    })
    await runJob(chat, countRoomStatistics)
    t.same(
      (await rows()).map((row) => [row.statistics_date, row.message_count]),
      [
        [yesterday, 6],
        [addDays(yesterday, -2), 1],
        [addDays(yesterday, -3), 6],
      ],
    )
    for (const user of [ANN, OUTSIDER])
      await t.rejects(
        site.read({ user }, (ctx) => ctx.getList('Chat Room Statistics')),
        refusal(403),
      )
    await t.rejects(
      site.write({ user: MANAGER }, (ctx) =>
        ctx.insert('Chat Room Statistics', { chat_room: busy, statistics_date: today }),
      ),
      refusal(403),
    )
  })
})

await eachDatabase(t, 'chat_settings_updated', async (t, db) => {
  const wire = await wireSite(t, db)
  const { site } = wire
  const pages = await Promise.all([ANN, OUTSIDER].map((user) => wire.page(user)))
  await site.asAdministrator(async (ctx) => {
    const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
    settings.set('enable_message_reactions', 0)
    settings.set('allowed_email_domains', 'secret.example')
    await settings.save()
  })
  const shown = await wire.call(ANN, getChatSettings)
  t.equal(shown.enable_message_reactions, 0)
  t.notMatch(JSON.stringify(shown), /secret/)
  for (const page of pages) t.same((await page.event('chat_settings_updated')).message, shown)
  t.ok(await wire.call(CLEO, getChatSettings))
})
