import { readdirSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { backupSite } from '../../desk/backup/backup.ts'
import type { Context } from '../../desk/context.ts'
import { loadApp } from '../../desk/site/apps.ts'
import { installApp } from '../../desk/site/create.ts'
import { planUninstall, uninstallApp } from '../../desk/site/uninstall.ts'
import { AppFolders, docTypeJson } from '../support/app-folder.ts'
import { dump, eachBench } from '../support/bench-site.ts'

t.setTimeout(240_000)
const SITE = 'house.test'
const apps = new AppFolders(t)

const manage = [
  { role: 'Pet Keeper', read: 1, write: 1, create: 1, delete: 1 },
  { role: 'System Manager', read: 1, write: 1, create: 1, delete: 1 },
]

/** An app with one of everything: names from series, child rows, settings, secrets, roles, hooks that leave traces. */
const pets = apps.write('pets', {
  'hooks.ts': `import { defineApp } from '@f-chat/desk'
import { feed } from './jobs/feed.ts'
export default defineApp({
  name: 'pets',
  title: 'Pets',
  scheduler_events: { daily: feed, cron: { '*/5 * * * *': feed } },
  before_install: async (ctx) => { await ctx.insert('Role', { role_name: 'Before Pets' }) },
  after_install: async (ctx) => { await ctx.insert('Pet', { title: 'First' }) },
  before_uninstall: async (ctx) => {
    if (!(await ctx.exists('Role', 'Before Pets'))) throw new Error('before_uninstall came too late')
  },
  after_uninstall: async (ctx) => {
    await (await ctx.getDoc('Role', 'Before Pets')).delete()
  },
})
`,
  'doctypes/pet/pet.json': docTypeJson('Pet', {
    autoname: 'PET-.YYYY.-.####',
    permissions: manage,
    fields: [
      { fieldname: 'title', fieldtype: 'Data', label: 'Title' },
      { fieldname: 'keeper', fieldtype: 'Link', options: 'User', label: 'Keeper' },
      { fieldname: 'toys', fieldtype: 'Table', options: 'Pet Toy', label: 'Toys' },
      { fieldname: 'chip', fieldtype: 'Password', label: 'Chip' },
    ],
  }),
  'doctypes/pet_toy/pet_toy.json': docTypeJson('Pet Toy', { istable: 1, autoname: 'hash', permissions: [] }),
  'doctypes/pet_settings/pet_settings.json': docTypeJson('Pet Settings', {
    issingle: 1,
    autoname: '',
    permissions: manage,
  }),
  'fixtures/role.json': JSON.stringify(
    ['Pet Keeper', 'Gardener'].map((role) => ({
      doctype: 'Role',
      name: role,
      role_name: role,
      desk_access: 1,
    })),
  ),
  'jobs/feed.ts': `import { defineJob } from '@f-chat/desk'
export const feed = defineJob({ name: 'pets.feed', handler: () => Promise.resolve() })
`,
  'doctypes/vaccination/vaccination.json': docTypeJson('Vaccination', {
    autoname: 'autoincrement',
    permissions: manage,
    track_changes: 1,
  }),
  'doctypes/leash/leash.json': docTypeJson('Leash', { autoname: 'format:L-{####}', permissions: manage }),
  'doctypes/cage/cage.json': docTypeJson('Cage', {
    autoname: 'naming_series:',
    permissions: manage,
    fields: [
      { fieldname: 'title', fieldtype: 'Data', label: 'Title' },
      {
        fieldname: 'naming_series',
        fieldtype: 'Select',
        label: 'Series',
        options: 'CAGE-.MM.-.###\nc-.title.-',
      },
    ],
  }),
  'api/pets.ts': `import { defineMethod, Type } from '@f-chat/desk'
export const adopt = defineMethod({
  name: 'pets.adopt',
  writes: true,
  input: Type.Object({ title: Type.String() }),
  handler: async ({ title }, ctx) =>
    (await ctx.insert('Pet', { title, chip: 'secret chip', keeper: ctx.user, toys: [{ title: 'Ball' }] })).name,
})
`,
})

/** Another app of the site, with a role in common. */
const garden = apps.write('garden', {
  'hooks.ts':
    "import { defineApp } from '@f-chat/desk'\nexport default defineApp({ name: 'garden', title: 'Garden' })\n",
  'doctypes/bed/bed.json': docTypeJson('Bed', {
    autoname: 'BED-.####',
    permissions: [{ role: 'Gardener', read: 1, write: 1, create: 1, delete: 1 }],
  }),
  'fixtures/role.json': JSON.stringify([{ doctype: 'Role', name: 'Gardener', role_name: 'Gardener' }]),
})

/** What people and the site do about an app's documents, in tables of desk's own. */
async function leaveTraces(ctx: Context): Promise<void> {
  const vaccination = await ctx.insert('Vaccination', { title: 'Rabies' })
  vaccination.set('title', 'Rabies and more')
  await vaccination.save()
  await ctx.insert('Leash', { title: 'Red' })
  for (const naming_series of ['CAGE-.MM.-.###', 'c-.title.-'])
    await ctx.insert('Cage', { title: 'Small', naming_series })
  await ctx.insert('Document Naming Rule', {
    document_type: 'Leash',
    prefix: 'RULE-',
    prefix_digits: 3,
    conditions: [{ field: 'title', condition: '=', value: 'Blue' }],
  })
  await ctx.insert('Leash', { title: 'Blue' })
  await ctx.insert('User Permission', { user: 'ann@test.example', allow: 'Leash', for_value: 'RULE-001' })
  await ctx.insert('Custom DocPerm', { parent_doctype: 'Leash', role: 'Gardener', permlevel: 0, read: 1 })
  await ctx.sendMail({
    to: 'ann@test.example',
    subject: 'Your leash',
    text: 'It is ready.',
    reference: { doctype: 'Leash', name: 'RULE-001' },
  })
  const now = ctx.now()
  const row = { creation: now, modified: now, owner: 'Administrator', modified_by: 'Administrator' }
  await ctx
    .db('tabScheduled Job Log')
    .insert({ ...row, name: 'fed', scheduled_job_type: 'pets.feed (Daily)', status: 'Complete' })
  await ctx.db('tabBackground Job').insert({ ...row, name: 'feeding', job: 'pets.feed', status: 'Finished' })
}

void eachBench(
  t,
  'an app from outside comes, is used, goes, and leaves the site as it was',
  async (t, sites) => {
    await sites.bench.addApp('garden', garden)
    await sites.bench.addApp('pets', pets)
    await sites.newSite(SITE, ['garden'])
    await sites.on(SITE, (site) =>
      site.asAdministrator(async (ctx) => {
        await ctx.insert('User', {
          email: 'ann@test.example',
          first_name: 'Ann',
          roles: [{ role: 'Gardener' }],
          new_password: 'long enough 42',
        })
        await ctx.insert('Bed', { title: 'Roses' })
      }),
    )
    const before = await sites.on(SITE, (site) => dump(site.database))

    await sites.on(SITE, async (site) => {
      const withPets = await installApp(site, await loadApp(pets))
      await withPets.asAdministrator(async (ctx) => {
        const ann = await ctx.getDoc('User', 'ann@test.example')
        await ctx.db('tabHas Role').insert({
          name: 'annkeeper1',
          parent: ann.name,
          parenttype: 'User',
          parentfield: 'roles',
          role: 'Pet Keeper',
          idx: 2,
          creation: ctx.now(),
          modified: ctx.now(),
          owner: 'Administrator',
          modified_by: 'Administrator',
          docstatus: 0,
        })
        const settings = await ctx.getDoc('Pet Settings', 'Pet Settings')
        settings.set('title', 'set')
        await settings.save()
        await leaveTraces(ctx)
      })
      const name = await withPets.call('pets.adopt', { title: 'Rex' }, { user: 'ann@test.example' })
      t.match(String(name), /^PET-\d{4}-0002$/, 'controller, series and after_install have worked')
      t.equal(
        await withPets.read({ user: 'ann@test.example' }, async (ctx) => (await ctx.getList('Pet')).length),
        2,
      )
    })
    t.notSame(Object.keys(await sites.on(SITE, (site) => dump(site.database))), Object.keys(before))

    await sites.on(SITE, async (site) => {
      const plan = await planUninstall(site, 'pets')
      t.match(plan, {
        tables: [
          { table: 'tabCage', rows: 2 },
          { table: 'tabLeash', rows: 2 },
          { table: 'tabPet', rows: 2 },
          { table: 'tabPet Toy', rows: 1 },
          { table: 'tabVaccination', rows: 1 },
        ],
        singles: ['Pet Settings'],
        fixtures: ['Role/Pet Keeper'],
      })
      await backupSite(site)
      const { kept } = await uninstallApp(site, plan)
      t.same(kept, [])
    })
    const after = await sites.on(SITE, (site) => dump(site.database))
    t.same(Object.keys(after), Object.keys(before))
    for (const table of Object.keys(before)) t.same(after[table], before[table], table)
    t.ok(readdirSync(path.join(sites.bench.sitePath(SITE), 'private/backups')).length > 0)

    await sites.on(SITE, async (site) => {
      await t.rejects(planUninstall(site, 'pets'), { message: /not installed/ })
      await t.rejects(planUninstall(site, 'desk'), { message: /cannot be uninstalled/ })
      const again = await installApp(site, await loadApp(pets))
      t.ok(again.registry.findMeta('Pet'), 'and it may come again')
    })
  },
)

void eachBench(
  t,
  'an app stays while another one links to it, and what others use of it stays',
  async (t, sites) => {
    const vet = apps.write('vet', {
      'hooks.ts':
        "import { defineApp } from '@f-chat/desk'\nexport default defineApp({ name: 'vet', title: 'Vet' })\n",
      'doctypes/cure/cure.json': docTypeJson('Cure', {
        autoname: 'hash',
        permissions: [{ role: 'Pet Keeper', read: 1 }],
        fields: [
          { fieldname: 'pet', fieldtype: 'Link', options: 'Pet', label: 'Pet' },
          { fieldname: 'title', fieldtype: 'Data', label: 'Title' },
        ],
      }),
    })
    for (const [name, folder] of [
      ['pets', pets],
      ['vet', vet],
    ] as const)
      await sites.bench.addApp(name, folder)
    await sites.newSite(SITE, ['pets', 'vet'])
    await sites.on(SITE, async (site) => {
      await t.rejects(planUninstall(site, 'pets'), {
        message: /other apps link to its DocTypes: Cure\.pet \(vet\) → Pet.*Uninstall those apps first/,
      })
      const { site: left } = await uninstallApp(site, await planUninstall(site, 'vet'))
      t.ok(await left.read({ user: 'Administrator' }, (ctx) => ctx.exists('Role', 'Pet Keeper')))
      await uninstallApp(left, await planUninstall(left, 'pets'))
    })
  },
)

void eachBench(
  t,
  'an uninstall whose hook refuses changes nothing; one that was killed goes on',
  async (t, sites) => {
    const sulky = apps.write(`sulky_${sites.kind}`, {
      'hooks.ts': `import { defineApp } from '@f-chat/desk'
export default defineApp({
  name: 'sulky_${sites.kind}',
  title: 'Sulky',
  before_uninstall: () => { if (!process.env.SULKY_MAY_GO) throw new Error('not yet') },
  after_uninstall: () => { if (process.env.SULKY_MAY_GO === 'half') throw new Error('killed here') },
})
`,
      'doctypes/sulk/sulk.json': docTypeJson('Sulk'),
    })
    await sites.bench.addApp(`sulky_${sites.kind}`, sulky)
    await sites.newSite(SITE)
    const bare = await sites.on(SITE, (site) => dump(site.database))
    await sites.on(SITE, async (site) => installApp(site, await loadApp(sulky)))
    const installed = await sites.on(SITE, (site) => dump(site.database))
    const leave = () =>
      sites.on(SITE, async (site) => uninstallApp(site, await planUninstall(site, `sulky_${sites.kind}`)))
    t.teardown(() => {
      delete process.env.SULKY_MAY_GO
    })
    await t.rejects(leave(), { message: /not yet/ })
    t.same(await sites.on(SITE, (site) => dump(site.database)), installed)
    process.env.SULKY_MAY_GO = 'half'
    await t.rejects(leave(), { message: /killed here/ })
    process.env.SULKY_MAY_GO = 'yes'
    await leave()
    t.same(await sites.on(SITE, (site) => dump(site.database)), bare)
  },
)
