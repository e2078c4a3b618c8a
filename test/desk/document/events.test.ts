import t from 'tap'
import type { DocEvent } from '../../../desk/app.ts'
import { DOC_EVENTS } from '../../../desk/app.ts'
import { Document } from '../../../desk/document/document.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, forManagers, labSite } from '../../support/fixtures-app.ts'

const seen: string[] = []
const stamp = async (who: string, event: DocEvent, doc: Document): Promise<void> => {
  const { table } = doc.meta
  const rows = doc.name ? await doc.ctx.db(table).where({ name: doc.name }).pluck<string[]>('name') : []
  seen.push(`${who} ${event}${rows.length > 0 ? ' (stored)' : ''}`)
}

/** A controller that notes each of its events. */
class Recorded extends Document {}
for (const event of DOC_EVENTS) {
  Object.defineProperty(Recorded.prototype, event, {
    value(this: Recorded) {
      return stamp('controller', event, this)
    },
  })
}

const handlers = (who: string): Partial<Record<DocEvent, (doc: Document) => Promise<void>>> =>
  Object.fromEntries(DOC_EVENTS.map((event) => [event, (doc: Document) => stamp(who, event, doc)]))

const both = (event: string, stored: boolean): string[] =>
  ['controller', 'app', 'star'].map((who) => `${who} ${event}${stored ? ' (stored)' : ''}`)

await eachDatabase(t, 'the events of a document', async (t, db) => {
  const star = handlers('star')
  const site = await labSite(t, db, {
    doctypes: { Thing: { autoname: 'field:title', fields: [field('title')], permissions: forManagers } },
    controllers: { Thing: Recorded },
    doc_events: {
      // Users are saved too, where the site is made.
      '*': Object.fromEntries(
        Object.entries(star).map(([event, run]) => [
          event,
          (doc: Document) => (doc.doctype === 'Thing' ? run(doc) : undefined),
        ]),
      ),
      Thing: handlers('app'),
    },
  })
  t.beforeEach(() => {
    seen.length = 0
  })

  await t.test('insert, in the order of the contract; controller, then DocType, then *', async (t) => {
    await site.asAdministrator((ctx) => ctx.insert('Thing', { title: 'one' }))
    t.same(seen, [
      ...['before_insert', 'before_naming', 'autoname', 'before_validate', 'validate', 'before_save'].flatMap(
        (event) => both(event, false),
      ),
      ...['after_insert', 'on_update', 'on_change'].flatMap((event) => both(event, true)),
    ])
  })

  await t.test('save', async (t) => {
    await site.asAdministrator(async (ctx) => (await ctx.getDoc('Thing', 'one')).save())
    t.same(
      seen,
      ['before_validate', 'validate', 'before_save', 'on_update', 'on_change'].flatMap((event) =>
        both(event, true),
      ),
    )
  })

  await t.test('delete', async (t) => {
    await site.asAdministrator(async (ctx) => (await ctx.getDoc('Thing', 'one')).delete())
    t.same(seen, [
      ...['on_trash', 'on_change'].flatMap((event) => both(event, true)),
      ...both('after_delete', false),
    ])
  })

  await t.test('a refused insert ends where it was refused', async (t) => {
    await site.asAdministrator((ctx) => ctx.insert('Thing', { title: 'two' }))
    seen.length = 0
    await t.rejects(site.write({ user: 'Guest' }, (ctx) => ctx.insert('Thing', { title: 'three' })))
    t.same(seen, [], 'no event runs for who may not create')
  })
})
