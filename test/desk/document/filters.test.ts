import t from 'tap'
import type { ListQuery } from '../../../desk/document/list.ts'
import { timespan } from '../../../desk/document/timespan.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, field, forManagers, labSite, refusal } from '../../support/fixtures-app.ts'

const doctypes = {
  Visit: {
    autoname: 'field:title',
    sort_field: 'title',
    sort_order: 'ASC',
    permissions: [...forManagers, { role: 'Clerk', read: 1 }],
    fields: [
      field('title'),
      field('guests', 'Int'),
      field('price', 'Currency'),
      field('paid', 'Check'),
      field('day', 'Date'),
      field('at', 'Datetime'),
      field('hour', 'Time'),
      field('note', 'Small Text'),
      field('margin', 'Float', { permlevel: 1 }),
      field('dishes', 'Table', { options: 'Dish' }),
    ],
  },
  Dish: {
    istable: 1,
    fields: [field('dish'), field('pieces', 'Int'), field('cost', 'Int', { permlevel: 1 })],
  },
  Desk: {
    issingle: 1,
    permissions: forManagers,
    fields: [field('chairs', 'Int', { default: '4' }), field('pin', 'Password')],
  },
}

t.test('timespans', (t) => {
  const today = '2026-03-31 10:00:00'
  const cases: [string, string, string][] = [
    ['today', '2026-03-31', '2026-03-31'],
    ['Yesterday', '2026-03-30', '2026-03-30'],
    ['tomorrow', '2026-04-01', '2026-04-01'],
    ['last 7 days', '2026-03-24', '2026-03-31'],
    ['next 14 days', '2026-03-31', '2026-04-14'],
    ['last 6 months', '2025-09-30', '2026-03-31'],
    ['this week', '2026-03-29', '2026-04-04'],
    ['last week', '2026-03-22', '2026-03-28'],
    ['this month', '2026-03-01', '2026-03-31'],
    ['last month', '2026-02-01', '2026-02-28'],
    ['next month', '2026-04-01', '2026-04-30'],
    ['last quarter', '2025-10-01', '2025-12-31'],
    ['this quarter', '2026-01-01', '2026-03-31'],
    ['last year', '2025-01-01', '2025-12-31'],
    ['next year', '2027-01-01', '2027-12-31'],
  ]
  for (const [words, first, last] of cases) t.same(timespan(words, today), [first, last], words)
  for (const wrong of ['', 'some day', 'last days', 'last 7', '1=1']) {
    t.throws(() => timespan(wrong, today), /is no timespan/, wrong)
  }
  t.end()
})

await eachDatabase(t, 'filters and queries', async (t, db) => {
  const site = await labSite(t, db, { doctypes })
  const clerk = await addUser(site, 'clerk@test.example', ['Clerk'])
  const today = site.clock.now().slice(0, 10)
  const visits = [
    {
      title: 'a',
      guests: 2,
      price: 10.5,
      day: '2026-01-31',
      at: '2026-01-31 23:30:00',
      hour: '09:00',
      note: 'x',
    },
    { title: 'b', guests: 5, price: 20, day: '2026-02-01', at: '2026-02-01 00:00:00', paid: 1, note: '' },
    { title: 'c', guests: 0, price: 0, day: today, at: `${today} 12:00:00` },
  ]
  await site.asAdministrator(async (ctx) => {
    for (const visit of visits) await ctx.insert('Visit', visit)
    const doc = await ctx.getDoc('Visit', 'a')
    doc.append('dishes', { dish: 'soup', pieces: 2, cost: 7 })
    doc.append('dishes', { dish: 'soup', pieces: 3, cost: 8 })
    doc.append('dishes', { dish: 'cake', pieces: 1, cost: 9 })
    await doc.save()
  })
  const list = (query: ListQuery, user = 'Administrator'): Promise<Record<string, unknown>[]> =>
    site.read({ user }, (ctx) => ctx.getList('Visit', query))
  const titles = async (filters: unknown, query: ListQuery = {}): Promise<string> =>
    (await list({ ...query, filters })).map(({ name }) => name).join('')
  const bad = refusal(417, 'ValidationError')

  await t.test('times: a Datetime between two dates counts the whole last day', async (t) => {
    t.equal(await titles({ at: ['between', ['2026-01-01', '2026-01-31']] }), 'a')
    t.equal(await titles({ at: ['between', ['2026-01-01', '2026-02-01 00:00:00']] }), 'ab')
    t.equal(await titles({ day: ['between', ['2026-01-31', '2026-02-01']] }), 'ab')
    t.equal(await titles({ day: ['>', '2026-01-31 00:00:00'] }), 'bc', 'a Date drops the time of day')
    t.equal(await titles({ at: '2026-02-01' }), 'b')
    t.equal(await titles({ at: ['<', '2026-02-01T00:00:00'] }), 'a')
    t.equal(await titles({ hour: '9:00' }), 'a')
    t.equal(await titles({ creation: ['Timespan', 'today'] }), 'abc')
    t.equal(await titles({ day: ['Timespan', 'this month'] }), 'c')
    t.equal(await titles({ at: ['timespan', 'yesterday'] }), '')
  })

  await t.test('no value is the empty value', async (t) => {
    t.equal(await titles({ note: ['is', 'set'] }), 'a')
    t.equal(await titles({ note: ['is', 'not set'] }), 'bc')
    t.equal(await titles({ guests: ['is', 'set'] }), 'ab', 'among numbers it is 0')
    t.equal(await titles({ hour: ['is', 'not set'] }), 'bc')
    t.equal(await titles({ note: ['not in', ['x']] }), 'bc')
    t.equal(await titles({ note: ['not in', ['x', '']] }), '')
    t.equal(await titles({ note: ['in', ['x', '']] }), 'abc')
    t.equal(await titles({ note: ['not like', 'x%'] }), 'bc')
    t.equal(await titles({ paid: 'true' }).catch(() => 'refused'), 'refused')
    t.equal(await titles({ paid: true }), 'b')
    t.equal(await titles({ guests: '' }), 'c')
  })

  await t.test('rows of a child table: one row fits all, and no document comes twice', async (t) => {
    t.equal(await titles([['Dish', 'dish', '=', 'soup']]), 'a')
    t.equal(
      await titles([
        ['Dish', 'dish', '=', 'soup'],
        ['Dish', 'pieces', '>', 2],
      ]),
      'a',
    )
    t.equal(
      await titles([
        ['Dish', 'dish', '=', 'cake'],
        ['Dish', 'pieces', '>', 2],
      ]),
      '',
    )
    t.equal(
      await titles([], {
        or_filters: [
          ['Dish', 'dish', '=', 'cake'],
          ['title', '=', 'b'],
        ],
      }),
      'ab',
    )
    t.equal(
      await site.read({ user: 'Administrator' }, (ctx) => ctx.count('Visit', [['Dish', 'pieces', '>', 0]])),
      1,
    )
    await t.rejects(titles([['Has Role', 'role', '=', 'x']]), bad)
    await t.rejects(titles([['Dish', 'nope', '=', 'x']]), bad)
  })

  await t.test('what a field could not hold, and what is no operator, is refused', async (t) => {
    const wrong: unknown[] = [
      { guests: 'abc' },
      { guests: ['>', '0x10'] },
      { guests: ['in', ['1', 'x']] },
      { price: 'NaN' },
      { price: Infinity },
      { day: 'yesterday' },
      { day: ['between', ['2026-01-01', '']] },
      { at: ['>', '2026-13-01'] },
      { hour: '25 o’clock' },
      { title: ['regexp', '.*'] },
      { title: ['REGEXP', ['a']] },
      { title: ['~', 'a'] },
      { title: ['descendants of', 'a'] },
      { title: ['like', ['a']] },
      { title: ['like', '%'.repeat(20_000)] },
      { title: ['in', Array.from({ length: 20_000 }, String)] },
      { at: ['timespan', 'for ever'] },
      { at: ['timespan', 7] },
      { title: ['is', null] },
      [['title', null, 'a']],
      [['title', '=', 'a', 'b', 'c']],
    ]
    for (const filters of wrong) await t.rejects(list({ filters }), bad, JSON.stringify(filters).slice(0, 60))
    t.equal(await titles({ title: ['a', 'c'] }), 'ac', 'two values are two values')
    t.equal(await titles({ title: "a' or '1'='1" }), '')
    t.equal(await titles({ day: ['>', ''] }), '', 'nothing is after nothing')
  })

  await t.test('computed fields, groups, and what is the same but once', async (t) => {
    const [sums] = await list({
      fields: [
        { SUM: 'guests', as: 'guests' },
        { COUNT: '*', as: 'n' },
        { avg: 'guests', as: 'mean' },
        { MIN: 'title', as: 'first' },
        { MAX: 'price', as: 'dearest' },
      ],
    })
    t.match(sums, { guests: 7, n: 3, first: 'a', dearest: 20 })
    t.ok(Math.abs(Number(sums?.mean) - 7 / 3) < 0.001)
    const byPaid = { fields: ['paid', { COUNT: 'name', as: 'n' }], group_by: 'paid', order_by: 'n desc' }
    t.same(await list(byPaid), [
      { paid: 0, n: 2 },
      { paid: 1, n: 1 },
    ])
    const rows = await site.read({ user: 'Administrator' }, (ctx) => ctx.getListOfValues('Visit', byPaid))
    t.same(rows, [
      [0, 2],
      [1, 1],
    ])
    t.equal((await list({ fields: ['paid'], distinct: true })).length, 2)
    t.equal((await list({ fields: [{ COUNT: '*' }] }))[0]?.['COUNT(*)'], 3)
    for (const wrong of [
      { SLEEP: '5' },
      { COUNT: 'name) from tabUser --' },
      { SUM: '*' },
      { SUM: 'guests', as: 'x`y' },
      { SUM: 'guests', AVG: 'guests' },
      { COUNT: ['name'] },
      {},
    ]) {
      await t.rejects(list({ fields: [wrong] }), bad, JSON.stringify(wrong))
    }
    await t.rejects(list({ fields: ['name'], order_by: 'n desc' }), bad)
  })

  await t.test('fields above one’s level are not shown, and cannot be asked about', async (t) => {
    await site.asAdministrator((ctx) => ctx.setValue('Visit', 'a', { margin: 3 }))
    const [row] = await list({ fields: ['name', 'margin'], filters: { title: 'a' } }, clerk)
    t.same(row, { name: 'a' })
    t.notOk('margin' in ((await list({ fields: ['*'] }, clerk))[0] ?? {}))
    for (const query of [
      { filters: { margin: ['>', 1] } },
      { filters: [['Dish', 'cost', '=', 7]] },
      { order_by: 'margin' },
      { group_by: 'margin' },
      { fields: [{ SUM: 'margin', as: 'm' }] },
    ]) {
      await t.rejects(list(query, clerk), bad, JSON.stringify(query))
      await t.resolves(list(query), 'Administrator may')
    }
  })

  await t.test('values without documents', async (t) => {
    await site.asAdministrator(async (ctx) => {
      t.equal(await ctx.getValue('Visit', 'a', 'guests'), 2)
      t.equal(await ctx.getValue('Visit', 'zz', 'guests'), undefined)
      t.equal(await ctx.getValue('Visit', { guests: ['>', 3] }, 'title'), 'b')
      t.same(await ctx.getValue('Visit', 'b', ['guests', 'paid']), { guests: 5, paid: 1 })
      t.same((await ctx.getValues('Visit', { guests: ['>', 1] }, ['name'])).length, 2)
      t.equal(await ctx.count('Visit'), 3)
      t.equal(await ctx.count('Visit', { paid: 1 }), 1)
      t.equal(await ctx.exists('Visit', { paid: 1 }), true)
      t.equal(await ctx.exists('Visit', { paid: 1, guests: 1 }), false)
      t.equal(await ctx.exists('Visit', 'zz'), false)
      t.equal(await ctx.getSingleValue('Desk', 'chairs'), 4)
      t.equal((await ctx.getAll('Dish')).length, 3, 'child rows, without a parent')
      await t.rejects(ctx.getValue('Desk', 'Desk', 'pin'), bad)
      await t.rejects(ctx.getSingleValue('Visit', 'title'), bad)
      await t.rejects(ctx.getValue('Visit', 'a', 'name, title'), bad)
    })
  })

  await t.test('setValue writes what fits, and nothing else', async (t) => {
    await site.asAdministrator(async (ctx) => {
      const before = await ctx.getValue('Visit', 'a', 'modified')
      await ctx.setValue('Visit', 'a', { guests: '7' })
      t.equal(await ctx.getValue('Visit', 'a', 'guests'), 7)
      t.not(await ctx.getValue('Visit', 'a', 'modified'), before)
      const after = await ctx.getValue('Visit', 'a', 'modified')
      await ctx.setValue('Visit', { guests: ['>', 4] }, { note: 'many' }, { updateModified: false })
      t.same((await ctx.getValues('Visit', { note: 'many' }, ['name'])).length, 2)
      t.equal(await ctx.getValue('Visit', 'a', 'modified'), after)
      await ctx.setValue('Desk', 'Desk', { chairs: 6 })
      t.equal(await ctx.getSingleValue('Desk', 'chairs'), 6)
    })
    for (const [which, values] of [
      ['a', { guests: 'many' }],
      ['a', { name: 'z' }],
      ['a', { owner: 'z' }],
      ['a', { dishes: [] }],
      ['a', { 'guests` = 1 --': 1 }],
      [{}, { guests: 1 }],
    ] as const) {
      await t.rejects(
        site.asAdministrator((ctx) => ctx.setValue('Visit', which, values)),
        bad,
        JSON.stringify(values),
      )
    }
    await t.rejects(
      site.asAdministrator((ctx) => ctx.setValue('Desk', 'Desk', { pin: '1' })),
      refusal(417, 'ValidationError', /password/),
    )
  })
})
