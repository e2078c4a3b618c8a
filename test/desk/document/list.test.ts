import t from 'tap'
import type { ListQuery } from '../../../desk/document/list.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, field, forManagers, labSite, refusal } from '../../support/fixtures-app.ts'

const doctypes = {
  Item: {
    autoname: 'field:title',
    sort_field: 'rank',
    sort_order: 'ASC',
    permissions: forManagers,
    fields: [
      field('title'),
      field('rank', 'Int'),
      field('color'),
      field('secret', 'Password'),
      field('parts', 'Table', { options: 'Part' }),
    ],
  },
  Part: { istable: 1, fields: [field('label')] },
  Setting: { issingle: 1, fields: [field('a')], permissions: forManagers },
  Hidden: { autoname: 'Prompt', fields: [], permissions: [{ role: 'Nobody', read: 1 }] },
}

await eachDatabase(t, 'lists', async (t, db) => {
  const site = await labSite(t, db, { doctypes })
  await addUser(site, 'plain@test.example')
  await site.asAdministrator(async (ctx) => {
    for (let rank = 1; rank <= 25; rank++) {
      await ctx.insert('Item', {
        title: `item ${String(rank).padStart(2, '0')}`,
        rank,
        color: rank > 20 ? null : rank % 2 ? 'red' : 'blue',
        secret: 'hush',
        parts: rank === 1 ? [{ label: 'screw' }, { label: 'nut' }] : [],
      })
    }
    await ctx.insert('Item', { title: '50% off_x', rank: 26, color: '' })
  })
  const list = (query: ListQuery, doctype = 'Item'): Promise<Record<string, unknown>[]> =>
    site.read({ user: 'Administrator' }, (ctx) => ctx.getList(doctype, query))
  const ranks = async (query: ListQuery): Promise<unknown[]> =>
    (await list({ limit_page_length: 0, ...query, fields: ['rank'] })).map(({ rank }) => rank)
  const bad = refusal(417, 'ValidationError')

  await t.test('twenty rows, the name alone, in the DocType’s order', async (t) => {
    const rows = await list({})
    t.equal(rows.length, 20)
    t.same(rows[0], { name: 'item 01' })
    t.equal((await list({ limit_page_length: 0 })).length, 26)
    t.same(await list({ limit_start: 24, limit_page_length: 5 }), [
      { name: 'item 25' },
      { name: '50% off_x' },
    ])
  })

  await t.test('filters in every spelling', async (t) => {
    const spellings: unknown[] = [
      { rank: 3 },
      { rank: '3' },
      { rank: ['=', 3] },
      [['rank', '=', 3]],
      [['rank', 3]],
      [['Item', 'rank', '=', 3]],
      [['`tabItem`.`rank`', '=', 3]],
      'item 03',
    ]
    for (const filters of spellings) t.same(await ranks({ filters }), [3], JSON.stringify(filters))
    t.same(await ranks({ filters: { rank: [1, 2, 3] } }), [1, 2, 3], 'a list of values means any of them')
    t.equal((await ranks({ filters: '' })).length, 26)
  })

  await t.test('every operator', async (t) => {
    const cases: [unknown[], unknown[]][] = [
      [['rank', '>', 25], [26]],
      [['rank', '<', 2], [1]],
      [['rank', '>=', 26], [26]],
      [['rank', '<=', 1], [1]],
      [
        ['rank', 'in', [1, 2]],
        [1, 2],
      ],
      [
        ['rank', 'in', '1, 2'],
        [1, 2],
      ],
      [
        ['rank', 'between', [4, 5]],
        [4, 5],
      ],
      [['title', 'like', '%em 07%'], [7]],
      [
        ['color', 'is', 'not set'],
        [21, 22, 23, 24, 25, 26],
      ],
      [
        ['color', '=', null],
        [21, 22, 23, 24, 25],
      ],
    ]
    for (const [filter, expected] of cases)
      t.same(await ranks({ filters: [filter] }), expected, JSON.stringify(filter))
    t.equal((await ranks({ filters: [['rank', 'not in', [1, 2]]] })).length, 24)
    t.equal((await ranks({ filters: [['rank', '!=', 1]] })).length, 25)
    t.equal((await ranks({ filters: [['title', 'not like', 'item%']] })).length, 1)
    t.equal((await ranks({ filters: [['color', 'is', 'set']] })).length, 20)
    t.equal((await ranks({ filters: [['color', '!=', 'red']] })).length, 16, 'as Frappe: no value is not red')
    t.equal((await ranks({ filters: [['color', '!=', null]] })).length, 21)
  })

  await t.test('filters together; or_filters any of them; both', async (t) => {
    t.same(await ranks({ filters: { color: 'red', rank: ['<', 4] } }), [1, 3])
    t.same(
      await ranks({
        or_filters: [
          ['rank', '=', 1],
          ['rank', '=', 9],
        ],
      }),
      [1, 9],
    )
    t.same(await ranks({ filters: { color: 'red' }, or_filters: { rank: 2, title: 'item 05' } }), [5])
  })

  await t.test('order, by several fields and in Frappe’s quoting', async (t) => {
    t.same((await ranks({ order_by: 'rank desc' })).slice(0, 2), [26, 25])
    t.same(
      (await ranks({ order_by: '`tabItem`.`color` DESC, rank asc', filters: { rank: ['<', 4] } })).slice(
        0,
        3,
      ),
      [1, 3, 2],
    )
  })

  await t.test('fields: those asked for, or all but passwords', async (t) => {
    t.same(await list({ fields: ['rank', 'name', 'rank'], filters: { rank: 1 } }), [
      { rank: 1, name: 'item 01' },
    ])
    const [row] = await list({ fields: ['*'], filters: { rank: 1 } })
    t.match(row, { name: 'item 01', owner: 'Administrator', color: 'red' })
    t.notOk(row && 'secret' in row)
  })

  await t.test('what is no field of the DocType never reaches the database', async (t) => {
    const shapes = [
      'nope',
      'secret',
      'parts',
      '1; drop table tabItem',
      "name' or '1'='1",
      'count(*)',
      'sleep(5) as x',
      'name as x',
      'tabUser.name',
      '`tab__Auth`.`password`',
      'rank, (select password from __Auth)',
      '',
      'constructor',
    ]
    const statements: string[] = []
    const stop = site.database.onQuery((sql) => statements.push(sql))
    for (const shape of shapes) {
      await t.rejects(list({ fields: [shape] }), bad, `fields ${shape}`)
      await t.rejects(list({ filters: [[shape, '=', 1]] }), bad, `filters ${shape}`)
      await t.rejects(list({ or_filters: { [shape]: 1 } }), bad, `or_filters ${shape}`)
      await t.rejects(list({ group_by: shape || 'nope' }), bad, `group_by ${shape}`)
      if (shape) await t.rejects(list({ order_by: shape }), bad, `order_by ${shape}`)
    }
    stop()
    t.same(statements, [])
  })

  await t.test('operators and values of the wrong shape', async (t) => {
    const wrong: unknown[] = [
      [['rank', 'or 1=1 --', 1]],
      [['rank', '=', { raw: '1' }]],
      [['rank', '=', [1]]],
      [['rank', 'in', [[1]]]],
      [['rank', 'between', [1]]],
      [['rank', 'is', 'weird']],
      [['User', 'name', '=', 'x']],
      [7],
      7,
      [['rank']],
    ]
    for (const filters of wrong) await t.rejects(list({ filters }), bad, JSON.stringify(filters))
    t.same(await ranks({ filters: { title: "x' or '1'='1" } }), [])
  })

  await t.test('child rows only under a parent that may be read', async (t) => {
    await t.rejects(list({}, 'Part'), bad)
    await t.rejects(list({ parent: 'User' }, 'Part'), bad)
    const parts = await list({ parent: 'Item', fields: ['label', 'parent'], order_by: 'idx' }, 'Part')
    t.same(parts, [
      { label: 'screw', parent: 'item 01' },
      { label: 'nut', parent: 'item 01' },
    ])
    await t.rejects(
      site.read({ user: 'plain@test.example' }, (ctx) => ctx.getList('Part', { parent: 'Item' })),
      refusal(403, 'PermissionError'),
    )
  })

  await t.test('no list: a Single, an unknown DocType, one that the roles do not give', async (t) => {
    await t.rejects(list({}, 'Setting'), bad)
    await t.rejects(list({}, 'No Such'), refusal(404, 'DoesNotExistError'))
    const asPlain = site.read({ user: 'plain@test.example' }, (ctx) => ctx.getList('Hidden'))
    await t.rejects(asPlain, refusal(403, 'PermissionError'))
  })

  await t.test('search_link takes % and _ as they are', async (t) => {
    const search = async (txt: string): Promise<unknown[]> => {
      const args = { doctype: 'Item', txt }
      const rows = await site.call('frappe.desk.search.search_link', args, { user: 'Administrator' })
      return (rows as { value: string }[]).map(({ value }) => value)
    }
    t.same(await search('50% off_'), ['50% off_x'])
    t.same(await search('0%'), ['50% off_x'])
    t.same(await search('ITEM 07'), ['item 07'])
    t.equal((await search('')).length, 10)
  })
})
