import { parse } from 'csv-parse/sync'
import t from 'tap'
import { exportChatMessages } from '../../../api/analytics.ts'
import { deleteMessageMethod, editMessageMethod } from '../../../api/message-changes.ts'
import { neutralise, toCsv } from '../../../doctypes/csv.ts'
import { eachDatabase } from '../../support/databases.ts'
import { daysAgo, writeMany } from '../../support/operations.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../../support/site.ts'

const ODD = ['a,b', 'a"b', '"', '""', ' lead', 'a\nb', 'a\r\nb', '', ';', "'", 'שלום', '👩‍👩‍👧‍👦', '\u202e', 'null']
const FORMULAS = [
  ...[
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1',
    '\u00a0=1',
    '\u200b=1',
    '\ufeff+1',
    '\u202e@x',
  ],
  ...['＝1', '＋1', '－1', '＠x', '\tx', '\rx', "=cmd|' /C calc'!A0", '-2+3', '\u2060\u3164 =1'],
]

t.test('csv', async (t) => {
  const rows = [[...ODD], ODD.toReversed()]
  t.same(parse(toCsv(rows)), rows, 'a parser reads what was written')
  t.equal(toCsv([['a', 1, -1, null]]), '"a",1,-1,""\r\n')
  for (const formula of FORMULAS) {
    t.equal(neutralise(formula), `'${formula}`, JSON.stringify(formula))
    t.same(parse(toCsv([[formula, 'x']])), [[`'${formula}`, 'x']])
  }
  for (const text of [
    ...ODD.filter((text) => !text.startsWith('\n')),
    'a=1',
    '1-1',
    'x@y.example',
    '(=1)',
    '#=1',
  ])
    t.equal(neutralise(text), text)
})

await eachDatabase(t, 'export', async (t, db) => {
  const chat = await chatSite(t, db)
  const { site, call, room: makeRoom, send, statements } = chat
  const room = await makeRoom(ANN, [BEN, CLEO])
  const ask = (args = {}, user = ANN) => call(user, exportChatMessages, { room_id: room, ...args })
  await site.asAdministrator((ctx) =>
    ctx.db('tabChat Room').where({ name: room }).update({ room_name: '../Größe & <b>/=1\r\n' }),
  )

  await t.test('json: all messages, oldest first, without those that were deleted', async (t) => {
    const first = await send(BEN, room, 'one <b> "x"')
    await call(BEN, editMessageMethod, { message_id: first.message_id, new_content: 'one, edited' })
    const gone = await send(CLEO, room, 'gone')
    await call(CLEO, deleteMessageMethod, { message_id: gone.message_id })
    const second = await send(ANN, room, 'two 👩‍👩‍👧‍👦\r\nline')
    await site.asAdministrator(({ db }) =>
      db('tabChat Message Attachment').insert({
        name: 'one',
        parent: second.message_id,
        parenttype: 'Chat Message',
        file_name: '=1.txt',
        file_url: '/private/files/x.txt',
        file_type: 'text/plain',
        file_size: 7,
      }),
    )
    const { format, content, filename } = await ask()
    t.match([format, filename], ['json', /^Gro-e-b-1_CR-\d+_\d{4}-\d\d-\d\d\.json$/])
    const exported = JSON.parse(content)
    t.match(exported, { room: { room_id: room, room_type: 'Group Chat' }, exported_at: /^\d{4}-/ })
    t.equal(exported.messages.length, 3)
    t.match(exported.messages, [
      { message_type: 'System', seq: 1 },
      { sender: BEN, sender_name: 'Ben', message_content: 'one, edited', is_edited: 1, attachments: [] },
      {
        name: second.message_id,
        message_content: 'two 👩‍👩‍👧‍👦\r\nline',
        attachments: [
          { file_name: '=1.txt', file_url: '/private/files/x.txt', file_type: 'text/plain', file_size: 7 },
        ],
      },
    ])
    t.notMatch(content, /gone/)
  })

  await t.test('csv: as a spreadsheet may open it', async (t) => {
    for (const text of FORMULAS) await send(BEN, room, text)
    const { format, content, filename } = await ask({ format_type: 'csv' })
    t.match([format, filename], ['csv', /\.csv$/])
    const rows: Record<string, string>[] = parse(content, { columns: true })
    t.equal(rows.length, 3 + FORMULAS.length)
    t.same(
      rows.slice(-FORMULAS.length).map((row) => row.Content),
      FORMULAS.map((text) => `'${text}`),
    )
    t.match(rows[2], { Sender: ANN, 'Sender Name': 'Ann', Files: "'=1.txt (/private/files/x.txt)" })
    t.notOk(rows.flatMap((row) => Object.values(row)).some((cell) => /^[=+\-@\t\r\n]/.test(cell)))
  })

  await t.test('of some days', async (t) => {
    const dated = await makeRoom(ANN)
    await site.asAdministrator((ctx) =>
      ctx.db('tabChat Message').where({ chat_room: dated }).update({ timestamp: '2020-01-01 00:00:00' }),
    )
    const day = new Date('2024-02-29T12:00:00Z')
    for (const days of [-1, 0, 1])
      await writeMany(chat, {
        room: dated,
        sender: ANN,
        count: 1,
        from: new Date(day.getTime() + days * 86_400_000),
      })
    const count = async (from_date?: string, to_date?: string): Promise<number> =>
      JSON.parse((await ask({ room_id: dated, from_date, to_date })).content).messages.length
    t.equal(await count(), 4)
    t.equal(await count('2024-02-29', '2024-02-29'), 1, 'a day is meant as a whole')
    t.equal(await count('2024-02-29'), 2)
    t.equal(await count(undefined, '2024-02-29'), 3)
    t.equal(await count('2024-02-29 12:00:00.002'), 1)
    t.equal(await count('2024-02-28T12:00:00', '2024-02-29 11:59:59'), 1)
    t.equal(await count('2025-01-01', '2024-01-01'), 0)
    await t.rejects(ask({ from_date: '2024-02-30' }), refusal(417))
    await t.rejects(ask({ format_type: 'xlsx' }), refusal(417))
  })

  await t.test('for the room’s Admins', async (t) => {
    await t.rejects(ask({}, BEN), refusal(403, /Admins/))
    await t.rejects(ask({}, OUTSIDER), refusal(404))
    await t.rejects(ask({}, 'Administrator'), refusal(404))
    await site.asAdministrator((ctx) =>
      ctx.db('tabChat Room').where({ name: room }).update({ room_status: 'Archived' }),
    )
    t.ok((await ask()).content, 'of an archived room, too')
  })

  await t.test('the same statements for many as for few, and a limit', async (t) => {
    const [few, large] = [await makeRoom(ANN), await makeRoom(ANN)]
    await writeMany(chat, { room: large, sender: ANN, count: 50_000, from: daysAgo(9) })
    const small = await statements(() => ask({ room_id: few }))
    const start = performance.now()
    await t.rejects(ask({ room_id: large }), refusal(417, /50001 messages .* Narrow from_date/))
    const many = await statements(() =>
      ask({ room_id: large, to_date: site.clock.at(Date.now() - 86_400_000).slice(0, 10) }),
    )
    t.comment(`50,000 messages in ${(performance.now() - start).toFixed(0)} ms`)
    t.equal(many.length, small.length)
    await site.asAdministrator((ctx) =>
      ctx
        .db('tabChat Message')
        .where({ chat_room: large })
        .where('seq', '>', 49_990)
        .update({ message_content: 'x'.repeat(2_500_000) }),
    )
    await t.rejects(
      ask({
        room_id: large,
        from_date: site.clock.at(daysAgo(20).getTime()).slice(0, 10),
        to_date: site.clock.at(daysAgo(2).getTime()).slice(0, 10),
      }),
      refusal(417, /characters/),
    )
  })
})
