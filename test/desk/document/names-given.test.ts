import t from 'tap'
import type { Context } from '../../../desk/context.ts'
import { Document } from '../../../desk/document/document.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, labSite, refusal } from '../../support/fixtures-app.ts'

class Named extends Document {
  override autoname(): void {
    this.name = `own-${this.text('title')}`
  }
}

const title = [field('title')]
const doctypes = {
  'By Format': { autoname: 'format:N-{title}-{####}', fields: title },
  'Other Format': { autoname: 'format:O-{####}', fields: title },
  'By Field': { autoname: 'field:title', fields: title },
  'By Text': { autoname: 'field:text', fields: [field('text')] },
  'By Hash': { autoname: 'hash', fields: title },
  'By Series': { autoname: 'S-.YYYY.-.####', fields: title },
  'By Choice': {
    autoname: 'naming_series:',
    fields: [field('naming_series', 'Select', { options: 'ONE-.YY.-\nTWO-.####' }), ...title],
  },
  'By Prompt': { autoname: 'Prompt', fields: title },
  'By Uuid': { autoname: 'UUID', fields: title },
  'By Count': { autoname: 'autoincrement', fields: title },
  'By Controller': { autoname: 'hash', fields: title },
}

await eachDatabase(t, 'names', async (t, db) => {
  const site = await labSite(t, db, { doctypes, controllers: { 'By Controller': Named } })
  const make = (doctype: string, values: Record<string, unknown> = {}): Promise<string> =>
    site.asAdministrator(async (ctx: Context) => (await ctx.insert(doctype, values)).name)
  const year = site.clock.now().slice(0, 4)

  await t.test('each rule gives the name that its DocType promises', async (t) => {
    t.equal(await make('By Format', { title: 'A' }), 'N-A-0001')
    t.equal(await make('Other Format'), 'O-0002', 'all formats of a site share one series, as in Frappe')
    t.equal(await make('By Field', { title: 'Émile / 1' }), 'Émile / 1')
    t.equal(await make('By Text', { text: 'a field called text' }), 'a field called text')
    t.match(await make('By Hash'), /^[0-9a-z]{10}$/)
    t.equal(await make('By Series'), `S-${year}-0001`)
    t.equal(await make('By Series'), `S-${year}-0002`)
    t.equal(await make('By Choice'), `ONE-${year.slice(2)}-00001`, 'the first option of the series')
    t.equal(await make('By Choice', { naming_series: 'TWO-.####' }), 'TWO-0001')
    t.match(await make('By Uuid'), /^[0-9a-f-]{36}$/)
    t.equal(await make('By Count'), '1')
    t.equal(await make('By Count'), '2')
    t.equal(await make('By Controller', { title: 'x' }), 'own-x')
  })

  await t.test('a name sent along counts for Prompt only', async (t) => {
    t.equal(await make('By Prompt', { name: ' mine ' }), 'mine')
    t.not(await make('By Hash', { name: 'mine' }), 'mine')
    t.equal(await make('By Field', { name: 'mine', title: 'other' }), 'other')
  })

  await t.test('what gives no usable name is refused, and leaves nothing', async (t) => {
    await t.rejects(make('By Prompt'), refusal(417, 'MandatoryError'))
    await t.rejects(make('By Field', { title: ' ' }), refusal(417, 'MandatoryError'))
    await t.rejects(make('By Prompt', { name: 'a<b' }), refusal(417, 'InvalidNameError'))
    await t.rejects(make('By Prompt', { name: 'x'.repeat(141) }), refusal(417, 'InvalidNameError'))
    await t.rejects(make('By Choice', { naming_series: 'EVIL-.####' }), refusal(417, 'ValidationError'))
    await t.rejects(make('By Prompt', { name: 'mine' }), refusal(409, 'DuplicateEntryError'))
    t.equal((await site.database.reader('tabBy Prompt').pluck('name')).length, 1)
    t.notOk(await site.database.reader('tabSeries').where('name', 'like', 'EVIL%').first('name'))
  })

  await t.test('many at once: every number once', async (t) => {
    for (const doctype of ['By Format', 'By Series', 'By Count']) {
      const names = await Promise.all(Array.from({ length: 60 }, () => make(doctype, { title: 'B' })))
      t.equal(new Set(names).size, 60, doctype)
    }
  })

  await t.test('a series has no gap after a failed insert', async (t) => {
    const before = Number((await make('By Series')).slice(-4))
    await t.rejects(
      site.asAdministrator(async (ctx) => {
        await ctx.insert('By Series', {})
        throw new Error('changed my mind')
      }),
    )
    t.equal(Number((await make('By Series')).slice(-4)), before + 1)
  })

  await t.test('a busy process takes the numbers of formats in blocks', async (t) => {
    if (db.kind === 'sqlite') {
      t.equal(site.database.independent, null, 'SQLite has one writer: nobody waits for the number')
      return
    }
    const taken: string[] = []
    const stop = site.database.onQuery((sql) => {
      if (sql.includes('tabSeries')) taken.push(sql)
    })
    for (let i = 0; i < 100; i++) await make('Other Format')
    stop()
    t.ok(taken.length <= 20, `100 names took ${String(taken.length)} turns`)
  })
})
