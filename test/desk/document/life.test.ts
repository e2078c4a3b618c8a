import t from 'tap'
import type { Document } from '../../../desk/document/document.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, forManagers, labSite, refusal } from '../../support/fixtures-app.ts'

/** What forms go by, and the server does not. */
const forForms = { depends_on: 'eval:0', mandatory_depends_on: 'eval:1', read_only_depends_on: 'eval:1' }

const doctypes = {
  Party: { autoname: 'field:title', fields: [field('title')], permissions: forManagers },
  Line: {
    istable: 1,
    fields: [
      field('item', 'Data', { reqd: 1, label: 'Item' }),
      field('qty', 'Int', { default: '1' }),
      field('party', 'Link', { options: 'Party', label: 'Party' }),
    ],
  },
  Order: {
    autoname: 'ORD-.####',
    permissions: forManagers,
    fields: [
      field('subject', 'Data', { reqd: 1, label: 'Subject' }),
      field('status', 'Select', { options: 'Open\nClosed', default: 'Open', label: 'Status' }),
      field('party', 'Link', { options: 'Party', label: 'Party' }),
      field('size', 'Select', { options: 'Small\nLarge' }),
      field('mood', 'Select', { options: '\nGood\nBad' }),
      field('office', 'Data', { default: ':Company', ...forForms }),
      field('kind', 'Data'),
      field('about', 'Dynamic Link', { options: 'kind', label: 'About' }),
      field('code', 'Data', { unique: 1, label: 'Code' }),
      field('opened_at', 'Datetime', { default: 'now' }),
      field('opened_on', 'Date', { default: 'Today' }),
      field('opened_by', 'Data', { default: '__user' }),
      field('count', 'Int'),
      field('lines', 'Table', { options: 'Line', label: 'Lines' }),
    ],
  },
}

await eachDatabase(t, 'a document', async (t, db) => {
  const site = await labSite(t, db, { doctypes })
  const asAdmin = site.asAdministrator.bind(site)
  const insert = (values: Record<string, unknown>): Promise<Document> =>
    asAdmin((ctx) => ctx.insert('Order', { subject: 's', ...values }))
  const change = (name: string, work: (doc: Document) => void): Promise<Document> =>
    asAdmin(async (ctx) => {
      const doc = await ctx.getDoc('Order', name)
      work(doc)
      return await doc.save()
    })
  const read = (name: string): Promise<Record<string, unknown>> =>
    site.read({ user: 'Administrator' }, async (ctx) => (await ctx.getDoc('Order', name)).plain())
  const lines = async (name: string): Promise<unknown[]> =>
    ((await read(name)).lines as Record<string, unknown>[]).map(({ item, qty, idx }) => [item, qty, idx])
  const rows = async (table: string): Promise<number> =>
    (await site.database.reader(table).pluck('name')).length
  await asAdmin((ctx) => ctx.insert('Party', { title: 'Acme' }))

  await t.test('defaults: static, now, Today, the user; Check and numbers are 0', async (t) => {
    const { name } = await insert({})
    const doc = await read(name)
    t.match(doc, {
      status: 'Open',
      opened_by: 'Administrator',
      owner: 'Administrator',
      docstatus: 0,
      count: 0,
      size: 'Small',
    })
    t.equal(doc.mood, null, 'a Select whose first choice is none')
    t.equal(doc.office, null, 'neither worked out nor mandatory')
    t.equal((await insert({ office: 'Ghent' })).get('office'), 'Ghent', 'nor hidden, nor read-only')
    t.equal((await insert({ size: null })).get('size'), null, 'what is left open stays so')
    t.match(doc.opened_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/)
    t.equal(doc.opened_on, String(doc.creation).slice(0, 10))
    t.equal(doc.party, null)
  })

  await t.test('mandatory fields, of child rows too, are named all at once', async (t) => {
    const error = refusal(417, 'MandatoryError', /Subject, Lines row 2: Item/)
    await t.rejects(insert({ subject: ' ', lines: [{ item: 'a' }, { qty: 2 }] }), error)
  })

  await t.test('links must lead somewhere', async (t) => {
    const broken = refusal(417, 'LinkValidationError', /Party: Nobody/)
    await t.rejects(insert({ party: 'Nobody' }), broken)
    await t.rejects(insert({ lines: [{ item: 'a', party: 'Nobody' }] }), broken)
    await t.rejects(insert({ kind: 'Party', about: 'Nobody' }), refusal(417, 'LinkValidationError', /About/))
    await t.rejects(insert({ kind: 'No Such', about: 'Acme' }), refusal(417, 'LinkValidationError'))
    const doc = await insert({
      party: 'Acme',
      kind: 'Party',
      about: 'Acme',
      lines: [{ item: 'a', party: 'Acme' }],
    })
    t.match(await read(doc.name), { party: 'Acme', about: 'Acme' })
  })

  await t.test('child rows are merged by name, replaced, ordered', async (t) => {
    const { name } = await insert({ lines: [{ item: 'a' }, { item: 'b', qty: 5 }, { item: 'c' }] })
    t.same(await lines(name), [
      ['a', 1, 1],
      ['b', 5, 2],
      ['c', 1, 3],
    ])
    const kept = (await asAdmin((ctx) => ctx.getDoc('Order', name))).children('lines').map((row) => row.name)
    await change(name, (doc) => {
      const [a, b, c] = doc.children('lines')
      if (!a || !b || !c) throw new Error('three rows')
      b.set('qty', 6)
      doc.set('lines', [c, b, doc.ctx.newDoc('Line', { item: 'd' })])
    })
    t.same(await lines(name), [
      ['c', 1, 1],
      ['b', 6, 2],
      ['d', 1, 3],
    ])
    const now = (await asAdmin((ctx) => ctx.getDoc('Order', name))).children('lines')
    t.same(
      now.slice(0, 2).map((row) => row.name),
      [kept[2], kept[1]],
      'rows that stay keep their names',
    )
    t.match(now[2], { parent: name, parenttype: 'Order', parentfield: 'lines' })
    await change(name, (doc) => doc.set('lines', []))
    t.same(await lines(name), [])
  })

  await t.test('hundreds of child rows', async (t) => {
    const { name } = await insert({
      lines: Array.from({ length: 700 }, (_, i) => ({ item: `i${String(i)}` })),
    })
    const stored = await lines(name)
    t.equal(stored.length, 700)
    t.same(stored[699], ['i699', 1, 700])
  })

  await t.test('who saves must have seen the newest state', async (t) => {
    const { name } = await insert({})
    const save = (): Promise<Document> => change(name, (doc) => doc.set('subject', 'mine'))
    const stale = await site.read({ user: 'Administrator' }, (ctx) => ctx.getDoc('Order', name))
    await save()
    await t.rejects(
      change(name, (doc) => {
        doc.modified = stale.modified
      }),
      refusal(417, 'TimestampMismatchError', /Reload/),
    )
    const { modified } = await read(name)
    t.not(modified, stale.modified)
  })

  await t.test('a time without its zeros is the same time', async (t) => {
    const { name } = await insert({})
    for (const [stored, sent] of [
      ['2026-01-01 10:00:10.000000', '2026-01-01 10:00:10'],
      ['2026-01-01 10:00:00.000000', '2026-01-01T10:00:00'],
      ['2026-01-01 10:00:00.120000', '2026-01-01 10:00:00.12'],
    ] as const) {
      await asAdmin(async (ctx) => {
        await ctx.db('tabOrder').where({ name }).update({ modified: stored })
      })
      await t.resolves(
        change(name, (doc) => void (doc.modified = sent)),
        `${sent} is ${stored}`,
      )
    }
  })

  await t.test('a unique value is held by one document; many may have none', async (t) => {
    await insert({ code: 'X1' })
    await t.rejects(insert({ code: 'X1' }), refusal(417, 'UniqueValidationError', /Code/))
    const first = await insert({ code: '' })
    const second = await insert({ code: '' })
    t.same([(await read(first.name)).code, (await read(second.name)).code], [null, null])
    const { name } = await insert({ code: 'X2' })
    await t.rejects(
      change(name, (doc) => doc.set('code', 'X1')),
      refusal(417, 'UniqueValidationError'),
    )
  })

  await t.test('standard fields are not the caller’s to set', async (t) => {
    const doc = await insert({
      owner: 'x',
      creation: '2000-01-01',
      docstatus: 1,
      modified_by: 'x',
      parent: 'x',
    })
    const stored = await read(doc.name)
    t.match(stored, { owner: 'Administrator', docstatus: 0, modified_by: 'Administrator' })
    t.not(String(stored.creation).slice(0, 4), '2000')
  })

  await t.test('rows that are no rows are refused', async (t) => {
    for (const wrong of [[null], ['a'], 'nonsense', { a: 1 }, 7]) {
      await t.rejects(insert({ lines: wrong }), refusal(417, 'ValidationError', /Lines must be a list/))
    }
    const { name } = await insert({ lines: '[{"item":"from a form"}]' })
    t.same(await lines(name), [['from a form', 1, 1]])
  })

  await t.test('what fails in a transaction leaves nothing of it', async (t) => {
    const before = [await rows('tabOrder'), await rows('tabLine')]
    await t.rejects(
      asAdmin(async (ctx) => {
        await ctx.insert('Order', { subject: 'gone', lines: [{ item: 'a' }] })
        throw new Error('no')
      }),
    )
    t.same([await rows('tabOrder'), await rows('tabLine')], before)
  })

  await t.test('a document that is not there', async (t) => {
    await t.rejects(
      asAdmin((ctx) => ctx.getDoc('Order', 'nope')),
      refusal(404, 'DoesNotExistError'),
    )
    await t.rejects(
      asAdmin((ctx) => ctx.getDoc('No Such', 'nope')),
      refusal(404, 'DoesNotExistError'),
    )
    const { name } = await insert({})
    await t.rejects(
      asAdmin(async (ctx) => {
        const doc = await ctx.getDoc('Order', name)
        await (await ctx.getDoc('Order', name)).delete()
        await doc.save()
      }),
      refusal(404, 'DoesNotExistError'),
    )
  })
})
