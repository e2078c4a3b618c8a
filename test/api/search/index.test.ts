import path from 'node:path'
import tap from 'tap'
import { backupSite } from '../../../desk/backup/backup.ts'
import { restoreSite } from '../../../desk/backup/restore.ts'
import { migrate } from '../../../desk/site/migrate.ts'
import type { Site } from '../../../desk/site/site.ts'
import { planUninstall, uninstallApp } from '../../../desk/site/uninstall.ts'
import { getGlobalChatSearch, searchMessages } from '../../../api/search.ts'
import { storeRooms } from '../../../doctypes/chat_room/seed-rows.ts'
import { eachBench } from '../../support/bench-site.ts'
import { eachDatabase } from '../../support/databases.ts'
import { recordingLog } from '../../support/fixtures-app.ts'
import { ANN, BEN, chatSite } from '../../support/site.ts'

tap.setTimeout(240_000)

/** Statements outside any transaction, as MariaDB wants them for tables. */
async function run({ database }: Site, ...statements: string[]): Promise<void> {
  for (const sql of statements)
    await (database.kind === 'sqlite' ? database.transaction((tx) => tx.raw(sql)) : database.reader.raw(sql))
}

await eachDatabase(tap, 'an index', async (t, db) => {
  const chat = await chatSite(t, db)
  const { site, call } = chat
  const room = await chat.room(ANN, [BEN])
  const { message_id } = await chat.send(ANN, room, 'granite and slate')
  await chat.send(ANN, room, 'marble')
  const found = async (term: string): Promise<(string | null)[]> =>
    (await call(BEN, searchMessages, { room_id: room, search_term: term })).messages.map(
      ({ message_content }) => message_content,
    )

  await t.test('is made of the messages that are there, by the next migrate', async (t) => {
    await site.asAdministrator(async (ctx) => {
      await ctx.db('tabSingles').where({ doctype: 'Chat Search' }).delete()
      await ctx.db('tabChat Message').where({ message_content: 'marble' }).update({ is_deleted: 1 })
      await ctx.db('tabChat Message Attachment').insert({
        name: 'file-1',
        parent: message_id,
        parenttype: 'Chat Message',
        parentfield: 'file_attachments',
        idx: 1,
        file_name: 'Bauplan_Größe.pdf',
        file_url: '/private/files/plan.pdf',
      })
    })
    await run(site, 'drop table __chat_search')
    await migrate(site)
    t.same(await found('slate'), ['granite and slate'])
    t.same(await found('bauplan'), ['granite and slate'], 'by the name of its file')
    t.same(await found('marble'), [])
  })

  await t.test('is made anew when a migrate was stopped, or words are taken otherwise', async (t) => {
    await site.asAdministrator(async ({ db }) => {
      await db('__chat_search').where({ chat_room: room }).delete()
      await db('tabSingles').where({ doctype: 'Chat Search' }).update({ value: '0' })
    })
    t.same(await found('slate'), [])
    await migrate(site)
    t.same(await found('slate'), ['granite and slate'])
    await site.asAdministrator(({ db }) => db('__chat_search').where({ chat_room: room }).delete())
    await migrate(site)
    t.same(await found('slate'), [], 'a complete one is left alone')
  })

  await t.test('goes with the app', async (t) => {
    await uninstallApp(site, await planUninstall(site, 'f_chat'))
    const tables: string[] =
      db.kind === 'mariadb'
        ? await site.database
            .reader('information_schema.tables')
            .whereRaw('table_schema = database()')
            .pluck('table_name')
        : await site.database.reader('sqlite_master').pluck('name')
    t.same(
      tables.filter((name) => name.includes('chat')),
      [],
    )
  })
})

await eachDatabase(tap, 'a room of several thousand messages', async (t, db) => {
  const chat = await chatSite(t, db)
  const { site, call } = chat
  const count = 9000
  const text = (i: number): string =>
    [
      `number${String(i)} always`,
      i % 2 === 0 ? 'even' : 'odd',
      ...(i % 500 === 250 ? ['always'] : []),
      ...(i === 17 ? ['needle old'] : []),
    ].join(' ')
  for (const users of [[ANN, BEN], [ANN]])
    await site.asAdministrator((ctx) =>
      storeRooms(ctx, [
        {
          room_name: `Of ${String(users.length)}`,
          room_type: 'Group Chat',
          members: users.map((user) => ({ user, role: 'Member', unseen: 0 })),
          messages: Array.from({ length: count }, (_, i) => ({
            sender: ANN,
            content: i === 0 ? 'created' : text(i),
            at: site.clock.at(Date.now() - (count - i) * 1000 - users.length),
          })),
        },
      ]),
    )
  const [shared, own] = await site.database
    .reader('tabChat Room')
    .orderBy('room_name', 'desc')
    .pluck<string[]>('name')
  const inRoom = (term: string, more = {}) =>
    call(BEN, searchMessages, { room_id: shared, search_term: term, ...more })
  const everywhere = (user: string, term: string, more = {}) =>
    call(user, getGlobalChatSearch, { search_term: term, ...more })

  await t.test('what everybody writes: the newest', async (t) => {
    const { messages, pagination, total_is_minimum } = await inRoom('always odd')
    t.same(
      messages.map(({ message_content }) => message_content),
      Array.from({ length: 20 }, (_, i) => text(count - 1 - 2 * i)),
    )
    t.match([pagination, total_is_minimum], [{ total_count: 200, has_next: true }, true])
    const all = await everywhere(ANN, 'always odd')
    t.same(
      all.results.map(({ message_content }) => message_content),
      Array.from({ length: 20 }, (_, i) => text(count - 1 - 2 * Math.floor(i / 2))),
    )
    t.same(new Set(all.results.map(({ chat_room }) => chat_room)), new Set([shared, own]))
  })

  await t.test('what is far back', async (t) => {
    for (const term of ['needle', '"needle old"', 'needle always odd', 'number17 needle']) {
      const { messages, total_is_minimum } = await inRoom(term)
      t.same([messages.map(({ seq }) => seq), total_is_minimum], [[18], false], term)
      t.same(
        (await everywhere(BEN, term)).results.map(({ seq }) => seq),
        [18],
        term,
      )
      t.same(
        (await everywhere(ANN, term)).results.map(({ seq }) => seq),
        [18, 18],
        term,
      )
    }
    t.same((await inRoom('needle even')).messages, [])
    t.same((await inRoom('"old needle"')).messages, [])
    t.same((await inRoom('needle', { to_date: '2001-01-01' })).messages, [])
  })

  await t.test('words that are common and hardly ever stand together', async (t) => {
    const term = '"even always"'
    const seqs = Array.from({ length: 18 }, (_, i) => 8750 - 500 * i + 1)
    for (const page_size of [5, 6, 12, 20]) {
      const { messages, total_is_minimum } = await inRoom(term, { page_size })
      t.same(
        messages.map(({ seq }) => seq),
        seqs.slice(0, page_size),
      )
      t.equal(total_is_minimum, page_size < 12)
      const all = await everywhere(ANN, term, { page_size })
      t.same(
        all.results.map(({ seq }) => seq),
        Array.from({ length: page_size }, (_, i) => seqs[Math.floor(i / 2)]),
      )
    }
    t.same((await everywhere(ANN, term, { page: 2 })).results.length, 16)
  })

  await t.test('the newest thousand can be reached', async (t) => {
    const last = await inRoom('always', { page: 10, page_size: 100 })
    t.equal(last.messages.length, 100)
    t.equal(last.messages.at(-1)?.seq, count - 999)
    t.match(last.pagination, { total_count: 1000, has_next: false })
    t.same((await inRoom('always', { page: 11, page_size: 100 })).messages, [])
    t.equal((await everywhere(ANN, 'always', { page: 10, page_size: 100 })).results.length, 100)
  })

  await t.test('a few statements, however many', async (t) => {
    for (const term of ['always', 'needle', 'always needle', 'nowhere at all']) {
      const one = await chat.statements(() => inRoom(term))
      t.ok(one.length <= 9, `${term}: ${String(one.length)}`)
      const all = await chat.statements(() => everywhere(ANN, term))
      t.ok(all.length <= 6, `${term}: ${String(all.length)}`)
    }
  })
})

void eachBench(tap, 'an index comes back with a backup', async (t, sites) => {
  const SITE = 'one.test'
  await sites.bench.addApp('f_chat', path.resolve(import.meta.dirname, '../../..'))
  await sites.newSite(SITE, ['f_chat'])
  const find = (term: string) =>
    sites.on(SITE, async (site) => {
      const answer = (await site.call(
        'f_chat.get_global_chat_search',
        { search_term: term },
        { user: ANN },
      )) as {
        data: { results: { message_content: string }[] }
      }
      return answer.data.results.map(({ message_content }) => message_content)
    })
  const say = (text: string) =>
    sites.on(SITE, (site) =>
      site.asAdministrator(async (ctx) => {
        if (!(await ctx.exists('User', ANN)))
          await ctx.insert('User', { email: ANN, first_name: 'Ann', roles: [{ role: 'Chat User' }] })
        await storeRooms(ctx, [
          {
            room_name: 'Room',
            room_type: 'Group Chat',
            members: [{ user: ANN, role: 'Admin', unseen: 0 }],
            messages: ['created', text].map((content) => ({ sender: ANN, content, at: ctx.now() })),
          },
        ])
      }),
    )
  await say('granite 東京都')
  const { database } = await sites.on(SITE, (site) => backupSite(site, { withFiles: false, compress: true }))
  await say('granite afterwards')
  t.equal((await find('granite')).length, 2)
  await restoreSite(sites.bench, SITE, database, { log: recordingLog() })
  t.same(await find('gran'), ['granite 東京都'])
  t.same(await find('京都'), ['granite 東京都'])
  await say('slate after the restore')
  t.same(await find('slate'), ['slate after the restore'])
})
