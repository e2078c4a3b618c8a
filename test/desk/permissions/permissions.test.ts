import t from 'tap'
import { roleGrant, type Grant } from '../../../desk/permissions/rules.ts'
import { rolesOf } from '../../../desk/permissions/roles.ts'
import type { DocPerm } from '../../../desk/meta/doctype.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, field, labSite, refusal } from '../../support/fixtures-app.ts'

t.test('what role rules grant', async (t) => {
  const all: DocPerm = { role: 'Reader', read: 1 }
  const own: DocPerm = { role: 'Writer', read: 1, if_owner: 1 }
  const deep: DocPerm = { role: 'Deep', read: 1, permlevel: 1 }
  const none: DocPerm = { role: 'Blind', write: 1 }
  const table: [DocPerm[], string[], Grant][] = [
    [[], ['Reader'], 'none'],
    [[all], [], 'none'],
    [[all], ['Reader'], 'all'],
    [[all], ['Other'], 'none'],
    [[own], ['Writer'], 'own'],
    [[all, own], ['Writer'], 'own'],
    [[all, own], ['Reader', 'Writer'], 'all'],
    [[own, all], ['Writer', 'Reader'], 'all'],
    [[deep], ['Deep'], 'none'],
    [[none], ['Blind'], 'none'],
    [[none, own], ['Blind', 'Writer'], 'own'],
  ]
  for (const [rules, roles, expected] of table) {
    const said = `${rules.map(({ role }) => role).join('+')} for ${roles.join('+')}`
    t.equal(roleGrant(rules, new Set(roles), 'read'), expected, said)
  }
  t.equal(roleGrant([{ role: 'R', read: 1 }], new Set(['R']), 'write'), 'none', 'reading is not writing')
})

const ANN = 'ann@test.example'
const BEN = 'ben@test.example'

await eachDatabase(t, 'permissions', async (t, db) => {
  const site = await labSite(t, db, {
    doctypes: {
      Diary: {
        autoname: 'Prompt',
        fields: [field('text')],
        permissions: [
          { role: 'Author', read: 1, write: 1, create: 1, delete: 1, if_owner: 1 },
          { role: 'Librarian', read: 1 },
        ],
      },
      Vault: {
        autoname: 'Prompt',
        fields: [field('open', 'Check')],
        permissions: [{ role: 'Author', read: 1, write: 1, create: 1, delete: 1 }],
      },
      Page: { istable: 1, fields: [field('text')] },
    },
    has_permission: {
      // Two hooks: each may deny.
      Vault: [
        (doc) => doc.get('open') === 1,
        (doc, ptype, ctx) => !(ptype === 'delete' && ctx.user === 'Administrator' && doc.name === 'kept'),
      ],
    },
    permission_query_conditions: {
      Vault: async (query, ctx) => {
        if (ctx.user !== BEN) void query.where('tabVault.open', 1)
      },
    },
  })
  await addUser(site, ANN, ['Author'])
  await addUser(site, BEN, ['Author', 'Librarian'])
  const as = (user: string) => ({
    insert: (doctype: string, values: Record<string, unknown>) =>
      site.write({ user }, (ctx) => ctx.insert(doctype, values)),
    save: (doctype: string, name: string) =>
      site.write({ user }, async (ctx) => (await ctx.getDoc(doctype, name)).save()),
    remove: (doctype: string, name: string) =>
      site.write({ user }, async (ctx) => (await ctx.getDoc(doctype, name)).delete()),
    list: async (doctype: string) =>
      (await site.read({ user }, (ctx) => ctx.getList(doctype, { order_by: 'name asc' }))).map(
        ({ name }) => name,
      ),
    may: (doctype: string, name: string, ptype: 'read' | 'write' = 'read') =>
      site.read({ user }, async (ctx) => ctx.hasPermission(doctype, ptype, await ctx.getDoc(doctype, name))),
  })
  const denied = refusal(403, 'PermissionError')

  await t.test('if_owner: one’s own alone, unless another role gives all', async (t) => {
    await as(ANN).insert('Diary', { name: 'of ann' })
    await as(BEN).insert('Diary', { name: 'of ben' })
    t.same(await as(ANN).list('Diary'), ['of ann'])
    t.same(await as(BEN).list('Diary'), ['of ann', 'of ben'])
    t.equal(await as(ANN).may('Diary', 'of ben'), false)
    t.equal(await as(BEN).may('Diary', 'of ann'), true)
    await t.rejects(as(BEN).save('Diary', 'of ann'), denied)
    await t.rejects(as(BEN).remove('Diary', 'of ann'), denied)
    await t.resolves(as(ANN).save('Diary', 'of ann'))
  })

  await t.test('who has no role that may has nothing; Administrator everything', async (t) => {
    const guest = as('Guest')
    await t.rejects(guest.list('Diary'), denied)
    await t.rejects(guest.insert('Diary', { name: 'x' }), denied)
    t.same(await as('Administrator').list('Diary'), ['of ann', 'of ben'])
    t.equal(await as('Administrator').may('Diary', 'of ann', 'write'), true)
  })

  await t.test('hooks deny, Administrator too, and each of them', async (t) => {
    await t.rejects(as(ANN).insert('Vault', { name: 'shut', open: 0 }), denied)
    await t.rejects(as('Administrator').insert('Vault', { name: 'shut', open: 0 }), denied)
    await as(ANN).insert('Vault', { name: 'kept', open: 1 })
    await t.rejects(as('Administrator').remove('Vault', 'kept'), denied)
    await site.asAdministrator((ctx) => ctx.insert('Vault', { name: 'shut' }, { ignorePermissions: true }))
    t.equal(await as(ANN).may('Vault', 'shut'), false)
    t.equal(await as('Administrator').may('Vault', 'shut'), false)
  })

  await t.test('query conditions narrow lists, for Administrator too', async (t) => {
    t.same(await as(ANN).list('Vault'), ['kept'])
    t.same(await as('Administrator').list('Vault'), ['kept'])
    t.same(await as(BEN).list('Vault'), ['kept', 'shut'], 'where the hook says nothing, nothing is hidden')
  })

  await t.test('an or_filter does not widen what a condition narrowed', async (t) => {
    const rows = await site.read({ user: ANN }, (ctx) =>
      ctx.getList('Vault', {
        or_filters: [
          ['open', '=', 0],
          ['open', '=', 1],
        ],
      }),
    )
    t.same(rows, [{ name: 'kept' }])
  })

  await t.test('roles: those given, and the automatic ones', async (t) => {
    const roles = async (user: string): Promise<string[]> =>
      [...(await rolesOf(site.database.reader, user))].sort()
    await addUser(site, 'web@test.example', [], { user_type: 'Website User' })
    t.same(await roles('Guest'), ['Guest'])
    t.same(await roles(ANN), ['All', 'Author', 'Desk User', 'Guest'])
    t.same(await roles('web@test.example'), ['All', 'Guest'])
    const administrator = new Set(await roles('Administrator'))
    for (const role of ['All', 'Author', 'Desk User', 'Guest', 'System Manager'])
      t.ok(administrator.has(role), `Administrator has ${role}`)
    await site.asAdministrator(async (ctx) => {
      const role = await ctx.getDoc('Role', 'Author')
      role.set('disabled', 1)
      await role.save()
    })
    t.same(await roles(ANN), ['All', 'Desk User', 'Guest'], 'a disabled role gives nothing')
  })
})
