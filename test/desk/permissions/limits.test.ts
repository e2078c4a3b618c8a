import t from 'tap'
import type { Site } from '../../../desk/site/site.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, field, labSite, refusal } from '../../support/fixtures-app.ts'

const ANN = 'ann@test.example'
const all = [{ role: 'Clerk', read: 1, write: 1, create: 1, delete: 1 }]

const app = {
  doctypes: {
    Company: { autoname: 'Prompt', fields: [field('n', 'Int')], permissions: all },
    Order: {
      autoname: 'Prompt',
      fields: [
        field('company', 'Link', { options: 'Company' }),
        field('billed_to', 'Link', { options: 'Company', ignore_user_permissions: 1 }),
      ],
      permissions: all,
    },
    Offer: {
      autoname: 'Prompt',
      fields: [field('company', 'Link', { options: 'Company' })],
      permissions: all,
    },
  },
}

async function names(site: Site, doctype: string): Promise<unknown[]> {
  const rows = await site.read({ user: ANN }, (ctx) => ctx.getList(doctype, { order_by: 'name asc' }))
  const listed = rows.map(({ name }) => name)
  // Each by itself must say the same as the list.
  const readable: unknown[] = []
  for (const { name } of await site.read({ user: ANN }, (ctx) =>
    ctx.getAll(doctype, { order_by: 'name asc' }),
  )) {
    const may = await site.read({ user: ANN }, async (ctx) =>
      ctx.hasPermission(doctype, 'read', await ctx.getDoc(doctype, String(name))),
    )
    if (may) readable.push(name)
  }
  t.same(readable, listed, `${doctype}: one by one as in the list`)
  return listed
}

await eachDatabase(t, 'User Permissions', async (t, db) => {
  for (const strict of [false, true]) {
    await t.test(strict ? 'strict' : 'as Frappe has them', async (t) => {
      const site = await labSite(t, db, app, { config: strict ? { apply_strict_user_permissions: 1 } : {} })
      await addUser(site, ANN, ['Clerk'])
      await site.asAdministrator(async (ctx) => {
        for (const name of ['A', 'B', 'Ärger']) await ctx.insert('Company', { name })
        await ctx.insert('Order', { name: 'of a', company: 'A', billed_to: 'B' })
        await ctx.insert('Order', { name: 'of b', company: 'B' })
        await ctx.insert('Order', { name: 'of none' })
        await ctx.insert('Order', { name: 'of umlaut', company: 'Ärger' })
        await ctx.insert('Offer', { name: 'o', company: 'B' })
      })
      const limit = (values: object): Promise<unknown> =>
        site.asAdministrator((ctx) => ctx.insert('User Permission', { user: ANN, ...values }))
      const unlimited = ['of a', 'of b', 'of none', 'of umlaut']
      t.same(await names(site, 'Order'), unlimited, 'without any')

      await limit({ allow: 'Company', for_value: 'A', apply_to_all_doctypes: 0, applicable_for: 'Offer' })
      t.same(await names(site, 'Order'), unlimited, 'one for another DocType')
      t.same(await names(site, 'Offer'), [])

      await limit({ allow: 'Company', for_value: 'A' })
      t.same(await names(site, 'Order'), strict ? ['of a'] : ['of a', 'of none'])
      t.same(await names(site, 'Company'), ['A'], 'the documents themselves, too')

      await limit({ allow: 'Company', for_value: 'Ärger' })
      t.same(await names(site, 'Order'), strict ? ['of a', 'of umlaut'] : ['of a', 'of none', 'of umlaut'])

      const write = (values: object, name?: string): Promise<unknown> =>
        site.write({ user: ANN }, async (ctx) => {
          const doc = name === undefined ? ctx.newDoc('Order') : await ctx.getDoc('Order', name)
          for (const [key, value] of Object.entries(values)) doc.set(key, value)
          return await doc.save()
        })
      const denied = refusal(403, 'PermissionError')
      await t.rejects(write({ name: 'new', company: 'B' }), denied)
      await t.rejects(write({ company: 'B' }, 'of a'), denied)
      await t.resolves(write({ billed_to: 'B' }, 'of a'), 'a field that ignores them')
      await t.rejects(
        site.write({ user: ANN }, (ctx) => ctx.insert('Company', { name: 'C' })),
        denied,
        'a new one that would be outside',
      )
      t.same(
        (await site.read({ user: 'Administrator' }, (ctx) => ctx.getList('Order'))).length,
        4,
        'not Administrator',
      )
      await site.asAdministrator(async (ctx) => {
        for (const { name } of await ctx.getAll('User Permission'))
          await (await ctx.getDoc('User Permission', String(name))).delete()
      })
      t.same(await names(site, 'Order'), unlimited, 'as soon as they are gone')
    })
  }

  await t.test('what makes no sense is refused', async (t) => {
    const site = await labSite(t, db, app)
    await addUser(site, ANN, ['Clerk'])
    await site.asAdministrator((ctx) => ctx.insert('Company', { name: 'A' }))
    const limit = (values: object): Promise<unknown> =>
      site.asAdministrator((ctx) => ctx.insert('User Permission', { user: ANN, ...values }))
    await t.rejects(limit({ allow: 'No Such', for_value: 'A' }), refusal(417, 'ValidationError'))
    await t.rejects(limit({ allow: 'Company', for_value: 'Z' }), refusal(417, 'LinkValidationError'))
    await t.rejects(
      limit({ allow: 'Company', for_value: 'A', apply_to_all_doctypes: 0, applicable_for: 'No Such' }),
      refusal(417, 'ValidationError'),
    )
    await limit({ allow: 'Company', for_value: 'A' })
    await t.rejects(limit({ allow: 'Company', for_value: 'A' }), refusal(409, 'DuplicateEntryError'))
    await t.rejects(
      site.write({ user: ANN }, (ctx) =>
        ctx.insert('User Permission', { user: ANN, allow: 'Company', for_value: 'A' }),
      ),
      refusal(403, 'PermissionError'),
    )
  })
})
