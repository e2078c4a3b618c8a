import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { field, labSite } from '../../support/fixtures-app.ts'

const many = (count: number, fieldtype: string, keys = {}): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, i) => field(`f${String(i)}`, fieldtype, keys))

await eachDatabase(t, 'DocTypes with very many fields', async (t, db) => {
  const site = await labSite(t, db, {
    doctypes: {
      Wide: { autoname: 'Prompt', fields: [...many(90, 'Data'), field('rest', 'Text')] },
      'Many Texts': { autoname: 'Prompt', fields: many(300, 'Text') },
      Settings: { issingle: 1, fields: many(1000, 'Data') },
    },
  })
  const values = (count: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`f${String(i)}`, `${'x'.repeat(130)}${String(i)}`]),
    )
  await site.asAdministrator(async (ctx) => {
    await ctx.insert('Wide', { name: 'w', ...values(90) })
    await ctx.insert('Many Texts', { name: 'm', ...values(300) })
    await ctx.insert('Settings', values(1000))
  })
  await site.asAdministrator(async (ctx) => {
    t.match((await ctx.getDoc('Wide', 'w')).plain(), values(90))
    t.match((await ctx.getDoc('Many Texts', 'm')).plain(), values(300))
    t.match((await ctx.getDoc('Settings', 'Settings')).plain(), values(1000))
  })

  await t.test('what MariaDB cannot hold is told with its table', async (t) => {
    for (const fields of [many(130, 'Data'), many(70, 'Int', { search_index: 1 })]) {
      const made = labSite(t, db, { doctypes: { Huge: { fields } } })
      if (db.kind === 'sqlite') await t.resolves(made)
      else await t.rejects(made, /^tabHuge is too large for MariaDB: give its DocType fewer/)
    }
  })
})
