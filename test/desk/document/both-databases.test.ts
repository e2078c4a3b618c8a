import fc from 'fast-check'
import t, { type Test } from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'
import { createSession } from '../../../desk/site/sessions.ts'
import type { Site } from '../../../desk/site/site.ts'
import { mariaDbConfig, mariaDbSocket, needsMariaDb, sqliteConfig } from '../../support/databases.ts'
import { field, forManagers, labSiteOn, recordingLog } from '../../support/fixtures-app.ts'
import { serve, type Client } from '../../support/server.ts'

const doctypes = {
  Thing: {
    autoname: 'field:title',
    sort_field: 'title',
    sort_order: 'ASC',
    permissions: forManagers,
    fields: [
      field('title'),
      field('word'),
      field('kind', 'Select', { options: '\nred\nblue' }),
      field('other', 'Link', { options: 'Thing' }),
      field('any_type', 'Link', { options: 'DocType' }),
      field('any', 'Dynamic Link', { options: 'any_type' }),
      field('note', 'Small Text'),
      field('essay', 'Text Editor'),
      field('done', 'Check'),
      field('count', 'Int'),
      field('big', 'Int', { length: 20 }),
      field('price', 'Currency'),
      field('span', 'Duration'),
      field('stars', 'Rating'),
      field('day', 'Date'),
      field('at', 'Datetime'),
      field('hour', 'Time'),
      field('data', 'JSON'),
      field('secret', 'Password'),
      field('parts', 'Table', { options: 'Part' }),
    ],
  },
  Part: { istable: 1, fields: [field('part'), field('pieces', 'Int'), field('made', 'Date')] },
}

const things = [
  { title: 'a', word: 'apple', count: 3, price: 1.5, day: '2026-01-01', at: '2026-01-01 10:00:00', done: 1 },
  { title: 'b', word: '', count: -3, price: 0, note: '', hour: '10:00', kind: 'red', stars: 0.5 },
  { title: 'c', word: '100%', note: "it's", essay: '<b>x_y</b>', big: 9007199254740991, span: 60 },
  { title: 'd', word: 'a\\b', note: 'line\nbreak', data: { a: [1, 2] }, other: 'a', secret: 'geheim' },
  { title: 'e', word: '🦊', count: 2147483647, price: 99999.125, any_type: 'Thing', any: 'b' },
  { title: 'f', word: '12abc', hour: '23:59:59.5', at: '2026-06-30 23:59:59.999999', kind: 'blue' },
  {
    title: 'g',
    word: '12',
    count: 12,
    day: '2026-12-31',
    data: '"text"',
    parts: [{ part: 'nut', pieces: 2 }],
  },
  { title: 'h', parts: [{ part: 'nut' }, { part: 'bolt', pieces: 7, made: '2026-02-03' }] },
  { title: 'i_j', word: ' blank ', note: '[]', span: 0.5, stars: 1 },
  { title: 'k%l', word: 'null', note: '{}', count: 0 },
]

const fieldnames = doctypes.Thing.fields.map(({ fieldname }) => String(fieldname))
const columns = ['name', 'owner', 'creation', 'modified', 'docstatus', 'idx', '_user_tags', ...fieldnames]
const oddNames = [
  '1; drop table tabThing',
  '`tabThing`.`word`',
  'tabPart.part',
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  '*',
  'name as x',
  'sleep(1)',
  "x' or '1'='1",
  'parts',
  'parent',
  'wörd',
  'NAME',
  'count(*)',
  '1',
]
const column = fc.oneof({ weight: 60, arbitrary: fc.constantFrom(...columns) }, fc.constantFrom(...oddNames))
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      '',
      'a',
      'A',
      'apple',
      'Apple',
      'a%',
      '%',
      '_',
      '\\',
      '%\\%',
      'a\\b',
      '🦊',
      '%🦊%',
      '12',
      '012',
      '1e1',
    ],
    ...['0x10', 'NaN', 'Infinity', '-0', ' 12 ', '12abc', "' or 1=1 -- ", '"; drop', '\0', 'a\0b', '\ud800'],
    ...['2026-01-01', '2026-01-01 10:00:00', '2026-02-30', '10:00', '10:00:00.000000', '25:00', '0000-00-00'],
    ...[
      'null',
      'red',
      'Red',
      'Today',
      'nut',
      '2026-01-01T10:00:00Z',
      '9007199254740993',
      '%b',
      'i_j',
      'k\\%l',
    ],
    ...[0, 1, -1, 1.5, 2147483648, 9007199254740991, 1e300, -1e-300, true, false, null, 12],
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ maxLength: 6, unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  fc.array(scalar, { maxLength: 4 }),
  fc.constantFrom<unknown>([], {}, [[]], { a: 1 }, [null], ['set'], 'set', 'not set', 'is set', [['a']], {
    $gt: 1,
  }),
)
const operator = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom<unknown>(
      ...[
        '=',
        '!=',
        '>',
        '<',
        '>=',
        '<=',
        'like',
        'not like',
        'in',
        'not in',
        'between',
        'is',
        'Timespan',
        'LIKE',
      ],
    ),
  },
  fc.constantFrom<unknown>(
    '',
    '<>',
    'regexp',
    'sounds like',
    '= 1 or',
    null,
    1,
    [],
    {},
    'ancestors of',
    'not  in',
  ),
)
const filter = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(column, operator, value) },
  fc.tuple(column, value),
  fc.tuple(fc.constantFrom('Thing', 'Part', 'User', '__proto__'), column, operator, value),
  fc.tuple(
    fc.constant('Part'),
    fc.constantFrom('part', 'pieces', 'made', 'parent', 'idx', 'name'),
    operator,
    value,
  ),
  fc.constantFrom<unknown>(null, 1, 'a', [], {}, ['a'], [[]]),
)
const filters = fc.oneof(
  { weight: 6, arbitrary: fc.array(filter, { maxLength: 3 }) },
  fc.dictionary(column, fc.oneof(value, fc.tuple(operator, value)), { maxKeys: 3 }),
  fc.constantFrom<unknown>('a', '', null, 0, 'NOPE', '{', [[]]),
)
const computed = fc.record(
  {
    SUM: fc.constantFrom('count', 'price', 'word', '*', 'nope'),
    as: fc.constantFrom<unknown>('n', 'x y', 'name', '', 1, '`', 'n; drop'),
  },
  { requiredKeys: ['SUM'] },
)
const fields = fc.oneof(
  fc.constant(['*']),
  { weight: 4, arbitrary: fc.array(column, { maxLength: 4 }) },
  fc.array(
    fc.oneof(column, computed, fc.constantFrom({ COUNT: '*' }, { MAX: 'day' }, { AVG: 'count' }, {}, null)),
    {
      maxLength: 3,
    },
  ),
)
const order = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(column, fc.constantFrom('', ' asc', ' DESC', ' sideways')).map((s) => s.join('')),
  },
  fc.constantFrom('name, count desc', 'count desc,', ',', 'rand()', '1', 'n desc'),
)
const count = fc.constantFrom<unknown>(0, 1, 3, 20, 1000, -1, 1.5, '', '5', 'ten', 1e20, null)
/** One condition that makes sense, and one that may not. */
const plain = fc.record({
  fields: fc.constant(['name']),
  filters: fc.tuple(fc.tuple(fc.constantFrom(...columns), operator, value)),
})
const mixed = fc.record(
  {
    fields,
    filters,
    or_filters: filters,
    order_by: order,
    group_by: fc.oneof(column, fc.constantFrom('word, kind', 'count,')),
    limit_start: count,
    limit_page_length: count,
    as_dict: fc.constantFrom<unknown>(true, false, 0, 'false'),
  },
  { requiredKeys: [] },
)

interface End {
  site: Site
  client: Client
  errors: { err?: unknown }[]
}

async function open(t: Test, config: Parameters<typeof createDatabase>[0]): Promise<End> {
  const log = recordingLog()
  const site = await labSiteOn(t, createDatabase(config), { doctypes }, { log })
  await site.asAdministrator(async (ctx) => {
    for (const thing of things) await ctx.insert('Thing', thing)
    // Whatever says when, or is made up, would differ.
    for (const doctype of ['Thing', 'Part']) {
      await ctx
        .db(`tab${doctype}`)
        .update({ creation: '2026-01-01 00:00:00.000000', modified: '2026-01-02 00:00:00.000000' })
    }
    await ctx.db('tabPart').update({ name: ctx.db.raw("concat(parent, '-', idx)") })
  })
  const client = (await serve(t, site)).client()
  client.jar.set(
    'sid',
    await site.write({ user: 'Administrator' }, (ctx) => createSession(ctx, 'Administrator')),
  )
  return { site, client, errors: log.errors }
}

/** Text that both collations compare alike: beyond these, accents, blanks at the end and signs are ordered in their way. */
const isCommon = (part: unknown): boolean => {
  if (typeof part === 'string') return /^[\w%.:,+\\ -]*[\w%.:,+\\-]$|^$/.test(part)
  return typeof part !== 'object' || part === null || Object.values(part).every(isCommon)
}

const isWide = (count: unknown): boolean => [undefined, null, '', 0, 20, 1000].includes(count as number)

const asText = (part: unknown): string => (typeof part === 'string' ? part : JSON.stringify(part))

await t.test('both databases answer alike, and never with a 500', needsMariaDb, async (t) => {
  const ends = [await open(t, sqliteConfig(t)), await open(t, await mariaDbConfig(t, await mariaDbSocket()))]
  let answered = 0
  const runs = Number(process.env.QUERIES ?? 1000)
  await fc.assert(
    fc.asyncProperty(fc.oneof(plain, mixed), async (asked: Record<string, unknown>) => {
      const search = new URLSearchParams(
        Object.entries(asked).map(([key, part]) => [key, asText(part).toWellFormed()]),
      )
      const answers = await Promise.all(
        ends.map(async ({ client }) => {
          const { status, body } = await client.get(`/api/resource/Thing?${String(search)}`)
          return { status, exc_type: body?.exc_type, data: body?.data, said: body?._server_messages }
        }),
      )
      const [first, second] = answers
      if (first?.status === 200) answered += 1
      if (first && first.status >= 500)
        throw new Error(`500 from SQLite: ${String(ends[0]?.errors.at(-1)?.err)}`)
      if (second && second.status >= 500)
        throw new Error(`500 from MariaDB: ${String(ends[1]?.errors.at(-1)?.err)}`)
      // Which row stands for a group, or comes first among equals, is no part of the answer.
      const whole = !asked.group_by && [asked.limit_page_length, asked.limit_start].every(isWide)
      const alike = isCommon([asked.filters, asked.or_filters])
      const [a, b] = answers.map(({ data, ...rest }) => [
        JSON.stringify(rest),
        ...(Array.isArray(data) && alike ? data.map((row) => (whole ? JSON.stringify(row) : '')).sort() : []),
      ])
      const differs = a?.findIndex((line, at) => line !== b?.[at]) ?? 0
      if (differs >= 0 || a?.length !== b?.length) {
        const shown = differs < 0 ? 0 : differs
        throw new Error(`SQLite: ${String(a?.[shown])}\nMariaDB: ${String(b?.[shown])}`)
      }
    }),
    { numRuns: runs, ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}) },
  )
  t.ok(answered > runs / 10, `${String(answered)} of ${String(runs)} queries are answered`)
})
