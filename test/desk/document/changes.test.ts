import t from 'tap'
import type { Context } from '../../../desk/context.ts'
import { Document } from '../../../desk/document/document.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, forManagers, labSite, refusal } from '../../support/fixtures-app.ts'

const seen: string[] = []

class Ticket extends Document {
  get age(): string {
    return `${this.text('title')} is new`
  }

  initials(): string {
    return this.text('title').slice(0, 1)
  }

  override validate(): void {
    seen.push(
      `validate ${String(this.getDocBeforeSave()?.text('status'))} ${String(this.hasValueChanged('status'))}`,
    )
  }

  override on_update(): void {
    const before = this.getDocBeforeSave()
    seen.push(
      `on_update ${String(before?.text('status'))} ${String(this.hasValueChanged('status'))} ${String(before?.children('steps').length)}`,
    )
  }
}

const doctypes = {
  Client: {
    autoname: 'field:title',
    permissions: forManagers,
    fields: [field('title'), field('city'), field('rating', 'Int'), field('pin', 'Password')],
  },
  Step: {
    istable: 1,
    fields: [
      field('step'),
      field('client', 'Link', { options: 'Client' }),
      field('client_city', 'Data', { fetch_from: 'client.city' }),
      field('key', 'Password'),
    ],
  },
  Ticket: {
    autoname: 'hash',
    track_changes: 1,
    permissions: forManagers,
    fields: [
      field('title'),
      field('status', 'Select', { options: 'Open\nClosed', default: 'Open', label: 'Status' }),
      field('number', 'Int', { set_only_once: 1, label: 'Number' }),
      field('due', 'Date', { set_only_once: 1, label: 'Due' }),
      field('client', 'Link', { options: 'Client' }),
      field('city', 'Data', { fetch_from: 'client.city', read_only: 1 }),
      field('rating', 'Int', { fetch_from: 'client.rating', fetch_if_empty: 1 }),
      field('kind', 'Link', { options: 'DocType', label: 'Kind' }),
      field('about', 'Dynamic Link', { options: 'kind', label: 'About' }),
      field('secret', 'Password'),
      field('seen_by', 'Data', { no_copy: 1 }),
      field('age', 'Data', { is_virtual: 1 }),
      field('initials', 'Data', { is_virtual: 1 }),
      field('steps', 'Table', { options: 'Step' }),
    ],
  },
  Fixed: {
    autoname: 'hash',
    permissions: forManagers,
    fields: [field('rows', 'Table', { options: 'Step', set_only_once: 1, label: 'Rows' }), field('a')],
  },
  Broken: {
    autoname: 'hash',
    permissions: forManagers,
    fields: [
      field('client', 'Link', { options: 'Client' }),
      field('pin', 'Data', { fetch_from: 'client.pin' }),
    ],
  },
  Setup: { issingle: 1, track_changes: 1, permissions: forManagers, fields: [field('mode')] },
  Ghost: { is_virtual: 1, permissions: forManagers, fields: [field('a')] },
}

await eachDatabase(t, 'changes of a document', async (t, db) => {
  const site = await labSite(t, db, { doctypes, controllers: { Ticket } })
  const admin = <T>(work: (ctx: Context) => Promise<T>): Promise<T> => site.asAdministrator(work)
  const versions = async (): Promise<Record<string, unknown>[]> => {
    const rows = await site.database.reader('tabVersion').orderBy('creation').select<{ data: string }[]>()
    return rows.map((row) => ({ ...row, data: JSON.parse(row.data) as unknown }))
  }
  await admin(async (ctx) => {
    await ctx.insert('Client', { title: 'Acme', city: 'Ulm', rating: 3, pin: 'hush' })
    await ctx.insert('Client', { title: 'Bolt', city: 'Kiel', rating: 5 })
  })

  await t.test('fetch_from: on every save, where the link has a value; in rows too', async (t) => {
    const name = await admin(async (ctx) => {
      const doc = await ctx.insert('Ticket', {
        title: 't',
        client: 'Acme',
        city: 'a lie',
        steps: [{ step: 's', client: 'Bolt' }],
      })
      t.match(doc.plain(), { city: 'Ulm', rating: 3, steps: [{ client_city: 'Kiel' }] })
      return doc.name
    })
    await admin(async (ctx) => {
      await ctx.setValue('Client', 'Acme', { city: 'Bern', rating: 4 })
      const doc = await (await ctx.getDoc('Ticket', name)).save()
      t.match(doc.plain(), { city: 'Bern', rating: 3 }, 'if empty: what is there stays')
      doc.set('client', null)
      await doc.save()
      t.equal(doc.get('city'), 'Bern', 'without a link nothing is fetched')
    })
    await t.rejects(
      admin((ctx) => ctx.insert('Broken', { client: 'Acme' })),
      refusal(417, 'ValidationError', /no such field/),
      'a password is no field to fetch',
    )
  })

  await t.test('set_only_once', async (t) => {
    const { name } = await admin((ctx) => ctx.insert('Ticket', { title: 't', number: 7, due: '2026-01-01' }))
    const change = (values: Record<string, unknown>): Promise<unknown> =>
      admin(async (ctx) => {
        const doc = await ctx.getDoc('Ticket', name)
        Object.assign(doc, values)
        await doc.save()
      })
    await t.rejects(change({ number: 8 }), refusal(417, 'CannotChangeConstantError', /Number/))
    await t.rejects(change({ due: null }), refusal(417, 'CannotChangeConstantError', /Due/))
    await t.resolves(change({ number: '7', due: '2026-01-01', title: 'u' }), 'the same in other words')
    const rows = await admin((ctx) => ctx.insert('Fixed', { rows: [{ step: 'a' }] }))
    const edit = (values: Record<string, unknown>): Promise<unknown> =>
      admin(async (ctx) => {
        const doc = await ctx.getDoc('Fixed', rows.name)
        Object.assign(doc, { a: 'x', ...values })
        await doc.save()
      })
    await t.resolves(edit({}))
    await t.rejects(edit({ rows: [] }), refusal(417, 'CannotChangeConstantError', /Rows/))
  })

  await t.test('a Dynamic Link needs its DocType, and one to a DocType one that is there', async (t) => {
    const insert = (values: Record<string, unknown>): Promise<Document> =>
      admin((ctx) => ctx.insert('Ticket', values))
    await t.rejects(
      insert({ about: 'Acme' }),
      refusal(417, 'LinkValidationError', /About: choose Kind first/),
    )
    await t.rejects(insert({ kind: 'Nope' }), refusal(417, 'LinkValidationError', /Kind: Nope/))
    await t.resolves(insert({ kind: 'Client', about: 'Acme' }))
  })

  await t.test('what a save changed is known in its events', async (t) => {
    seen.length = 0
    const { name } = await admin((ctx) => ctx.insert('Ticket', { title: 't', steps: [{ step: 'a' }] }))
    t.same(seen.splice(0), ['validate undefined true', 'on_update undefined true undefined'])
    await admin(async (ctx) => {
      const doc = await ctx.getDoc('Ticket', name)
      t.equal(doc.hasValueChanged('status'), false)
      doc.set('status', 'Closed')
      doc.set('steps', [])
      t.equal(doc.hasValueChanged('steps'), true)
      await doc.save()
      t.same(seen.splice(0), ['validate Open true', 'on_update Open true 1'])
      await doc.save()
      t.same(seen.splice(0), ['validate Closed false', 'on_update Closed false 0'])
    })
  })

  await t.test('track_changes: one Version for each save that changes something', async (t) => {
    await admin((ctx) => ctx.db('tabVersion').delete())
    const doc = await admin((ctx) =>
      ctx.insert('Ticket', {
        title: 'old',
        secret: 'hush',
        steps: [
          { step: 'a', key: 'k' },
          { step: 'b', key: 'k' },
        ],
      }),
    )
    t.same(await versions(), [], 'none for the insert')
    const edit = (work: (doc: Document) => void): Promise<unknown> =>
      admin(async (ctx) => {
        const found = await ctx.getDoc('Ticket', doc.name)
        work(found)
        await found.save()
      })
    await edit(() => undefined)
    await edit((one) => one.set('secret', 'other'))
    t.same(await versions(), [], 'none where nothing changed but a password')
    const [a, b] = doc.children('steps')
    await edit((one) => {
      one.set('title', 'new')
      one.children('steps')[0]?.set('step', 'A')
      one.set('steps', [one.children('steps')[0], one.ctx.newDoc('Step', { step: 'c', key: 'secret!' })])
    })
    const [version, ...more] = await versions()
    t.equal(more.length, 0)
    t.match(version, {
      ref_doctype: 'Ticket',
      docname: doc.name,
      owner: 'Administrator',
      data: {
        changed: [['title', 'old', 'new']],
        added: [['steps', { step: 'c' }]],
        removed: [['steps', { step: 'b', name: b?.name }]],
        row_changed: [['steps', 0, a?.name, [['step', 'a', 'A']]]],
      },
    })
    t.notMatch(JSON.stringify(version), /key|secret|\*/)
    await t.rejects(
      admin(async (ctx) => {
        const found = await ctx.getDoc('Ticket', doc.name)
        found.set('title', 'never')
        await found.save()
        throw new Error('no')
      }),
    )
    t.equal((await versions()).length, 1, 'what was rolled back left none')
    await admin(async (ctx) => {
      const setup = await ctx.getDoc('Setup', 'Setup')
      setup.set('mode', 'on')
      await setup.save()
    })
    t.match((await versions())[1], { ref_doctype: 'Setup', data: { changed: [['mode', null, 'on']] } })
  })

  await t.test('virtual fields come from the controller, and are stored nowhere', async (t) => {
    await admin(async (ctx) => {
      const doc = await ctx.insert('Ticket', { title: 'Zoo', age: 'a lie', initials: 'a lie' })
      t.match(doc.plain(), { age: 'Zoo is new', initials: 'Z' })
      t.match((await ctx.getDoc('Ticket', doc.name)).plain(), { age: 'Zoo is new', initials: 'Z' })
    })
  })

  await t.test('a virtual DocType has no documents here', async (t) => {
    const refused = refusal(417, 'ValidationError', /virtual DocType/)
    await t.rejects(
      admin((ctx) => ctx.insert('Ghost', { a: 1 })),
      refused,
    )
    await t.rejects(
      admin((ctx) => ctx.getDoc('Ghost', 'x')),
      refused,
    )
    await t.rejects(
      admin((ctx) => ctx.getList('Ghost')),
      refused,
    )
    await t.rejects(
      admin((ctx) => ctx.exists('Ghost', 'x')),
      refused,
    )
  })

  await t.test('copyDoc leaves out what is not copied', async (t) => {
    await admin(async (ctx) => {
      const doc = await ctx.insert('Ticket', {
        title: 't',
        status: 'Closed',
        seen_by: 'me',
        secret: 'hush',
        number: 3,
        steps: [{ step: 'a', key: 'k' }],
      })
      const copy = ctx.copyDoc(doc)
      t.ok(copy.isNew)
      await copy.insert()
      t.not(copy.name, doc.name)
      t.match(copy.plain(), {
        status: 'Closed',
        number: 3,
        seen_by: null,
        secret: null,
        steps: [{ step: 'a' }],
      })
      t.not(copy.children('steps')[0]?.name, doc.children('steps')[0]?.name)
      t.equal(await copy.getPassword('secret'), null)
    })
  })

  await t.test('dbSet: the table and the document, and no events', async (t) => {
    await admin(async (ctx) => {
      const doc = await ctx.insert('Ticket', { title: 't' })
      seen.length = 0
      const { modified } = doc
      await doc.dbSet({ status: 'Closed', secret: 'set' }, { updateModified: false })
      t.same(seen, [])
      t.equal(await ctx.getValue('Ticket', doc.name, 'status'), 'Closed')
      t.equal(doc.get('secret'), '***')
      t.equal(await doc.getPassword('secret'), 'set')
      t.equal(doc.modified, modified)
      await doc.dbSet({ title: 'u' })
      t.not(doc.modified, modified)
      await t.resolves(doc.save(), 'it is not stale')
      await t.rejects(doc.dbSet({ status: 'Weird' }), refusal(417, 'ValidationError'))
      await t.rejects(doc.dbSet({ owner: 'x' }), refusal(417, 'ValidationError'))
    })
  })
})
