import t from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'
import type { Applied } from '../../../desk/schema/index.ts'
import { loadDesk } from '../../../desk/site/open.ts'
import { migrate } from '../../../desk/site/migrate.ts'
import { Site } from '../../../desk/site/site.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, labSiteOn, recordingLog, testApp } from '../../support/fixtures-app.ts'

type Json = Record<string, unknown>
type Field = [fieldtype: string, keys?: Json]

interface Case {
  from: Field
  values: unknown[]
  to: Field
  /** What is there afterwards. */
  then: unknown[]
  /** Why the column stayed as it was. */
  stays?: RegExp
}

const kept = (from: Field, values: unknown[], to: Field, stays: RegExp): Case => ({
  from,
  values,
  to,
  then: values,
  stays,
})

const cases: Case[] = [
  { from: ['Data'], values: ['12', '', ' 7 ', null], to: ['Int'], then: [12, 0, 7, 0] },
  { from: ['Data'], values: ['1', '0', ''], to: ['Check'], then: [1, 0, 0] },
  { from: ['Data'], values: ['1.50', ''], to: ['Currency'], then: [1.5, 0] },
  { from: ['Data'], values: ['2026-01-31', '', null], to: ['Date'], then: ['2026-01-31', null, null] },
  { from: ['Small Text'], values: ['9:05'], to: ['Time'], then: ['09:05:00.000000'] },
  { from: ['Date'], values: ['2026-01-31'], to: ['Datetime'], then: ['2026-01-31 00:00:00.000000'] },
  { from: ['Datetime'], values: ['2026-01-31 00:00:00'], to: ['Date'], then: ['2026-01-31'] },
  { from: ['Float'], values: [2, -3], to: ['Int'], then: [2, -3] },
  { from: ['Int'], values: [5], to: ['Int', { length: 20 }], then: [5] },
  { from: ['Int'], values: [5], to: ['Data'], then: ['5'] },
  kept(['Data'], ['1', 'many'], ['Int'], /stays varchar\(140\): int does not hold "many"/),
  kept(['Data'], ['Yes'], ['Check'], /tinyint does not hold "Yes"/),
  kept(['Data'], ['soon'], ['Date'], /date does not hold "soon"/),
  kept(['Data'], ['{'], ['JSON'], /json does not hold "{"/),
  kept(['Float'], [1.5], ['Int'], /int does not hold "1.5"/),
  kept(['Float'], [200], ['Rating'], /decimal\(3,2\) does not hold "200"/),
  kept(['Int'], [500], ['Check'], /tinyint does not hold "500"/),
  kept(['Int', { length: 20 }], [9007199254740991], ['Int'], /int does not hold "9007199254740991"/),
  kept(['Datetime'], ['2026-01-31 10:00:00.000000'], ['Date'], /date does not hold "2026-01-31 10:00:00/),
]

await eachDatabase(t, 'a field gets another type', async (t, db) => {
  /** A site whose DocType changes, from its old JSON to its new one. */
  const change = async (before: Json, values: readonly Json[], after: Json) => {
    const config = await db.config()
    const old = await labSiteOn(t, createDatabase(config), { doctypes: { Thing: before } })
    for (const one of values) await old.asAdministrator((ctx) => ctx.insert('Thing', one))
    const database = createDatabase(config)
    t.teardown(() => database.close())
    const apps = [await loadDesk(), testApp({ doctypes: { Thing: after } })]
    const site = new Site({ name: 'lab.test', path: '/', config: {}, database, log: recordingLog(), apps })
    return { site, run: (): Promise<Applied> => migrate(site) }
  }

  // Some of them at a time: each has a site of its own.
  const types = cases.map((one, at) => ({ ...one, name: `f${String(at)}` }))
  const fields = (which: 'from' | 'to'): Json[] => types.map((one) => field(one.name, ...one[which]))
  const rows = Math.max(...types.map(({ values }) => values.length))
  const { site, run } = await change(
    { autoname: 'Prompt', fields: fields('from') },
    Array.from({ length: rows }, (_, row) => ({
      name: `row ${String(row)}`,
      ...Object.fromEntries(
        types.map(({ name, values }) => [name, values[Math.min(row, values.length - 1)]]),
      ),
    })),
    { autoname: 'Prompt', fields: fields('to') },
  )
  const { reverted } = await run()
  const found = await site.database.reader('tabThing').orderBy('name').select<Json[]>()
  for (const { name, from, to, then, stays } of types) {
    const reason = reverted.find((one) => one.reason.includes(`.${name} `))?.reason
    const what = `${from[0]} to ${to[0]}`
    if (stays) t.match(reason, stays, `${what} is refused`)
    else t.equal(reason, undefined, `${what} is done`)
    t.same(
      found.slice(0, then.length).map((row) => row[name]),
      then,
      `${what}: nothing is lost`,
    )
  }
  const again = await run()
  t.same(again.applied, [], 'again: nothing more is done')
  t.equal(again.reverted.length, reverted.length, 'and the same is said')

  await t.test('names in letters stay, where numbers are to be given', async (t) => {
    const { run } = await change({ fields: [] }, [{}], { autoname: 'autoincrement', fields: [] })
    t.match((await run()).reverted[0]?.reason, /tabThing\.name stays varchar\(140\)/)
  })

  await t.test('unique: empty texts are no values, and two alike stop it with advice', async (t) => {
    const plain = { fields: [field('code'), field('label')] }
    const unique = (name: string): Json => ({
      fields: plain.fields.map((one) => (one.fieldname === name ? { ...one, unique: 1 } : one)),
    })
    const values = [{ code: '', label: 'a' }, { code: '' }, { code: 'x', label: 'A' }]
    const good = await change(plain, values, unique('code'))
    t.match((await good.run()).applied, [{ do: 'add index' }])
    const bad = await change(plain, values, unique('label'))
    await t.rejects(bad.run(), /tabThing: label cannot become unique while rows have the same value/)
    t.equal((await bad.site.database.reader('tabThing').pluck('name')).length, 3)
  })
})
