import t from 'tap'
import type { Document } from '../../../desk/document/document.ts'
import { Site } from '../../../desk/site/site.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, forManagers, labSite, refusal } from '../../support/fixtures-app.ts'

const doctypes = {
  Account: {
    autoname: 'field:title',
    permissions: forManagers,
    fields: [
      field('title'),
      field('secret', 'Password', { label: 'Secret' }),
      field('keys', 'Table', { options: 'Key' }),
    ],
  },
  Key: { istable: 1, fields: [field('label'), field('token', 'Password')] },
  Gate: { issingle: 1, permissions: forManagers, fields: [field('pin', 'Password'), field('color')] },
}

await eachDatabase(t, 'Password fields', async (t, db) => {
  const site = await labSite(t, db, { doctypes })
  const asAdmin = site.asAdministrator.bind(site)
  const insert = (title: string, values: Record<string, unknown>): Promise<Document> =>
    asAdmin((ctx) => ctx.insert('Account', { title, ...values }))
  const change = (name: string, values: Record<string, unknown>): Promise<Document> =>
    asAdmin(async (ctx) => {
      const doc = await ctx.getDoc('Account', name)
      Object.assign(doc, values)
      return await doc.save()
    })
  const secretOf = (name: string, fieldname = 'secret', doctype = 'Account'): Promise<string | null> =>
    site.read({ user: 'Administrator' }, (ctx) => ctx.getPassword(doctype, name, fieldname))
  const auth = (): Promise<{ name: string; password: string; encrypted: number }[]> =>
    site.database.reader('__Auth').whereNot({ doctype: 'User' }).select()
  const column = async (name: string): Promise<unknown> =>
    (await site.database.reader('tabAccount').where({ name }).pluck('secret'))[0]

  await t.test('the column has asterisks, __Auth a text that only the key reads', async (t) => {
    const doc = await insert('one', { secret: 'Grüße 🔑' })
    t.equal(doc.get('secret'), '*******')
    t.equal(await column('one'), '*******')
    t.equal(doc.plain().secret, '*******')
    const [row] = await auth()
    t.match(row, { name: 'one', encrypted: 1, password: /^v1\.[\w-]+\.[\w-]+$/ })
    t.equal(await secretOf('one'), 'Grüße 🔑')
    await asAdmin(async (ctx) => {
      t.equal(await (await ctx.getDoc('Account', 'one')).getPassword('secret'), 'Grüße 🔑')
    })
  })

  await t.test('before it is saved it is in memory, but not in what is told of the document', async (t) => {
    await asAdmin(async (ctx) => {
      const doc = ctx.newDoc('Account', { title: 'none', secret: 'hush' })
      t.equal(await doc.getPassword('secret'), 'hush')
      t.equal(doc.plain().secret, '****')
    })
  })

  await t.test('unchanged asterisks keep it, another text replaces it, nothing takes it away', async (t) => {
    await insert('two', { secret: 'first' })
    await change('two', { secret: '*****' })
    t.equal(await secretOf('two'), 'first')
    await change('two', { secret: '***' })
    t.equal(await secretOf('two'), 'first', 'however many asterisks')
    t.equal(await column('two'), '*****')
    await change('two', { secret: 'second' })
    t.equal(await secretOf('two'), 'second')
    await change('two', { secret: '' })
    t.equal(await secretOf('two'), null)
    t.notOk(await column('two'))
    t.equal((await auth()).filter(({ name }) => name === 'two').length, 0)
  })

  await t.test('a new document with asterisks has none: there is nothing that they stand for', async (t) => {
    await insert('stars', { secret: '****' })
    t.equal(await column('stars'), null)
    t.equal(await secretOf('stars'), null)
  })

  await t.test('child rows keep theirs by their own names, and lose them with their row', async (t) => {
    const doc = await insert('rows', {
      keys: [
        { label: 'a', token: 'ta' },
        { label: 'b', token: 'tb' },
      ],
    })
    const [a, b] = doc.children('keys')
    t.equal(await secretOf(a?.name ?? '', 'token', 'Key'), 'ta')
    t.equal(await secretOf(b?.name ?? '', 'token', 'Key'), 'tb')
    await asAdmin(async (ctx) => {
      const again = await ctx.getDoc('Account', 'rows')
      again.set('keys', again.children('keys').slice(1))
      await again.save()
    })
    t.equal(await secretOf(a?.name ?? '', 'token', 'Key'), null)
    t.equal(await secretOf(b?.name ?? '', 'token', 'Key'), 'tb')
    await asAdmin(async (ctx) => (await ctx.getDoc('Account', 'rows')).delete())
    t.equal(await secretOf(b?.name ?? '', 'token', 'Key'), null)
  })

  await t.test('Singles have theirs as well', async (t) => {
    const gate = (values: Record<string, unknown>): Promise<Document> =>
      asAdmin(async (ctx) => {
        const doc = await ctx.getDoc('Gate', 'Gate')
        Object.assign(doc, values)
        return await doc.save()
      })
    await gate({ pin: '4711', color: 'red' })
    await gate({ color: 'blue' })
    t.equal(await secretOf('Gate', 'pin', 'Gate'), '4711')
    const stored = await site.database.reader('tabSingles').where({ doctype: 'Gate', field: 'pin' })
    t.match(stored, [{ value: '****' }])
  })

  await t.test('it goes with the document, and a new one of that name does not inherit it', async (t) => {
    await insert('gone', { secret: 'old' })
    await asAdmin(async (ctx) => (await ctx.getDoc('Account', 'gone')).delete())
    await insert('gone', {})
    t.equal(await secretOf('gone'), null)
  })

  await t.test('what fails leaves no secret behind', async (t) => {
    await t.rejects(
      asAdmin(async (ctx) => {
        await ctx.insert('Account', { title: 'undone', secret: 'x' })
        throw new Error('no')
      }),
    )
    t.equal(await secretOf('undone'), null)
  })

  await t.test('it cannot be selected, filtered by, or sorted by', async (t) => {
    const bad = refusal(417, 'ValidationError', /no field "secret"/)
    for (const query of [
      { fields: ['secret'] },
      { filters: { secret: ['like', '*%'] } },
      { order_by: 'secret' },
      { group_by: 'secret' },
    ]) {
      await t.rejects(
        site.read({ user: 'Administrator' }, (ctx) => ctx.getList('Account', query)),
        bad,
      )
    }
    const [row] = await site.read({ user: 'Administrator' }, (ctx) =>
      ctx.getList('Account', { fields: ['*'] }),
    )
    t.notOk(row && 'secret' in row)
  })

  await t.test('only Password fields are asked for', async (t) => {
    await t.rejects(secretOf('one', 'title'), refusal(417, 'ValidationError', /no Password field "title"/))
    await t.rejects(secretOf('Administrator', 'password', 'User'), refusal(417, 'ValidationError'))
  })

  await t.test('too long a secret is refused', async (t) => {
    await t.rejects(
      insert('long', { secret: 'x'.repeat(50_000) }),
      refusal(417, 'CharacterLengthExceededError'),
    )
    const longest = 'x'.repeat(40_000)
    await insert('long', { secret: longest })
    t.equal(await secretOf('long'), longest)
  })

  await t.test('without its key, or with another, a site says what to do', async (t) => {
    const { name, path, config, database, log, registry } = site
    const withKey = (encryption_key: unknown): Site =>
      new Site({ name, path, config: { ...config, encryption_key }, database, log, apps: registry.apps })
    const read = (other: Site): Promise<string | null> =>
      other.read({ user: 'Administrator' }, (ctx) => ctx.getPassword('Account', 'one', 'secret'))
    await t.rejects(read(withKey('another')), refusal(417, 'ValidationError', /Put back the key/))
    await t.rejects(read(withKey(undefined)), refusal(417, 'ValidationError', /has no encryption_key/))
    await t.rejects(
      withKey(undefined).asAdministrator((ctx) => ctx.insert('Account', { title: 'x', secret: 'y' })),
      refusal(417, 'ValidationError', /has no encryption_key/),
    )
    await withKey(undefined).asAdministrator((ctx) => ctx.insert('Account', { title: 'without' }))
  })

  await t.test('a secret that was moved or changed in the table is not read', async (t) => {
    await asAdmin(async (ctx) => {
      const [row] = await ctx.db('__Auth').where({ name: 'one' }).select<{ password: string }[]>()
      await ctx
        .db('__Auth')
        .insert({ doctype: 'Gate', name: 'Gate', fieldname: 'pin', password: row?.password, encrypted: 1 })
        .onConflict(['doctype', 'name', 'fieldname'])
        .merge()
      await ctx.db('__Auth').where({ name: 'long' }).update({ password: 'v1.AAAA.AAAA' })
    })
    await t.rejects(secretOf('Gate', 'pin', 'Gate'), refusal(417, 'ValidationError', /cannot be read/))
    await t.rejects(secretOf('long'), refusal(417, 'ValidationError', /cannot be read/))
  })
})
