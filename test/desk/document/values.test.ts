import t from 'tap'
import { castValue } from '../../../desk/document/values.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, forManagers, labSite, refusal } from '../../support/fixtures-app.ts'

const doctypes = {
  Kinds: {
    autoname: 'hash',
    permissions: forManagers,
    fields: [
      field('data', 'Data', { label: 'Data' }),
      field('short', 'Data', { length: 5, label: 'Short' }),
      field('small_text', 'Small Text', { label: 'Small Text' }),
      field('long_text', 'Long Text'),
      field('select_one', 'Select', { options: 'A\nB', label: 'Choice' }),
      field('flag', 'Check', { label: 'Flag' }),
      field('whole', 'Int', { label: 'Whole' }),
      field('long_int', 'Long Int', { label: 'Long' }),
      field('amount', 'Currency', { label: 'Amount' }),
      field('rating', 'Rating', { label: 'Rating' }),
      field('seconds', 'Duration'),
      field('on_day', 'Date', { label: 'Day' }),
      field('at_time', 'Datetime', { label: 'At' }),
      field('time_of_day', 'Time', { label: 'Time' }),
      field('json', 'JSON', { label: 'Json' }),
      field('needed', 'Data', { not_nullable: 1 }),
      field('secret', 'Password'),
    ],
  },
  Options: {
    issingle: 1,
    permissions: forManagers,
    fields: [
      field('color', 'Select', { options: 'Red\nBlue', default: 'Red' }),
      field('size', 'Int'),
      field('on', 'Check'),
    ],
  },
}

/** What is given, and what is read back; the same where there is one. */
const accepted: [string, unknown, unknown?][] = [
  ['data', 'Grüße 👋 \u0000nul', 'Grüße 👋 nul'],
  ['data', 12, '12'],
  ['short', '👋👋👋👋👋'],
  ['small_text', 'x'.repeat(65_535)],
  ['long_text', 'x'.repeat(200_000)],
  ['select_one', 'B'],
  ['select_one', '', null],
  ['flag', '1', 1],
  ['flag', true, 1],
  ['flag', null, 0],
  ['whole', '-42', -42],
  ['whole', 2_147_483_647],
  ['whole', '', 0],
  ['long_int', 9_007_199_254_740_991],
  ['amount', '12.5', 12.5],
  ['amount', 0.1 + 0.2, 0.3],
  ['amount', 999_999_999_999.5],
  ['rating', 0.755, 0.76],
  ['seconds', null],
  ['on_day', '2024-02-29'],
  ['on_day', '2026-01-31 18:30:00', '2026-01-31'],
  ['at_time', '2026-01-31 18:30', '2026-01-31 18:30:00.000000'],
  ['at_time', '2026-01-31T18:30:00.123456', '2026-01-31 18:30:00.123456'],
  ['at_time', '', null],
  ['time_of_day', '9:05', '09:05:00.000000'],
  ['time_of_day', '100:00:00', '100:00:00.000000'],
  ['json', { a: [1] }, '{"a":[1]}'],
  ['json', '[1, 2]'],
  ['needed', null, ''],
]

const refused: [string, unknown, string?][] = [
  ['data', 'x'.repeat(141), 'CharacterLengthExceededError'],
  ['short', 'abcdef', 'CharacterLengthExceededError'],
  ['small_text', 'é'.repeat(32_768), 'CharacterLengthExceededError'],
  ['data', { a: 1 }],
  ['data', ['a']],
  ['select_one', 'C'],
  ['flag', 'perhaps'],
  ['flag', 2],
  ['whole', '1.5'],
  ['whole', 2_147_483_648],
  ['whole', 'one'],
  ['long_int', 2 ** 53],
  ['amount', 'much'],
  ['amount', 1e12],
  ['rating', 10],
  ['on_day', '2026-02-30'],
  ['on_day', '2026-01-31garbage'],
  ['on_day', '31.01.2026'],
  ['at_time', '2026-01-31 25:00:00'],
  ['at_time', '2026-01-31 18:30:00 or so'],
  ['at_time', '2026-01-31T18:30:00Z', 'ValidationError'],
  ['time_of_day', '12:60'],
  ['time_of_day', '839:00'],
  ['json', '{not json'],
]

await eachDatabase(t, 'values', async (t, db) => {
  const site = await labSite(t, db, { doctypes })
  const store = (values: Record<string, unknown>): Promise<Record<string, unknown>> =>
    site.asAdministrator(async (ctx) => {
      const { name } = await ctx.insert('Kinds', values)
      const doc = await ctx.getDoc('Kinds', name)
      return Object.fromEntries(Object.keys(values).map((key) => [key, doc.get(key)]))
    })

  await t.test('are stored in their column’s form, alike on both databases', async (t) => {
    for (const [key, given, expected = given] of accepted) {
      t.same(
        await store({ [key]: given }),
        { [key]: expected },
        `${key} ${JSON.stringify(given).slice(0, 40)}`,
      )
    }
  })

  await t.test('that cannot be meant are refused before the database sees them', async (t) => {
    for (const [key, given, excType = 'ValidationError'] of refused) {
      await t.rejects(
        store({ [key]: given }),
        refusal(417, excType),
        `${key} ${JSON.stringify(given).slice(0, 40)}`,
      )
    }
  })

  await t.test('a password is in no answer', async (t) => {
    const plain = await site.asAdministrator(async (ctx) =>
      (await ctx.insert('Kinds', { secret: 'hush' })).plain(),
    )
    t.equal(plain.secret, '****')
  })

  await t.test('a Single has its defaults until it is saved, and then what was saved', async (t) => {
    const read = (): Promise<Record<string, unknown>> =>
      site.asAdministrator(async (ctx) => (await ctx.getDoc('Options', 'Options')).plain())
    t.match(await read(), { name: 'Options', color: 'Red', size: 0, on: 0 })
    await site.asAdministrator(async (ctx) => {
      const doc = await ctx.getDoc('Options', 'Options')
      doc.set('color', 'Blue')
      doc.set('size', '7')
      doc.set('on', true)
      await doc.save()
    })
    t.match(await read(), { color: 'Blue', size: 7, on: 1, modified_by: 'Administrator' })
    await site.asAdministrator(async (ctx) => {
      const doc = await ctx.getDoc('Options', 'Options')
      for (const size of [8, 7]) {
        doc.set('size', size)
        await doc.save()
      }
    })
    t.match(await read(), { size: 7 }, 'a change that is taken back is written too')
    await site.database.transaction((tx) =>
      tx('tabSingles').where({ doctype: 'Options', field: 'color' }).update({ value: 'Gone' }),
    )
    t.match(await read(), { color: 'Gone' }, 'an option that no longer exists can still be read')
    const stale = await site.asAdministrator((ctx) => ctx.getDoc('Options', 'Options'))
    t.ok(stale.modified)
    await t.rejects(
      site.asAdministrator(async (ctx) => {
        const doc = await ctx.getDoc('Options', 'Options')
        doc.set('color', 'Red')
        doc.modified = '2000-01-01 00:00:00'
        await doc.save()
      }),
      refusal(417, 'TimestampMismatchError'),
    )
  })
})

t.test('text that ends in half a character is made whole', async (t) => {
  t.equal(castValue({ fieldname: 'a', fieldtype: 'Data' }, 'x\ud800'), 'x\ufffd')
})
