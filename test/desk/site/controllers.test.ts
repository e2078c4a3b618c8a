import t from 'tap'
import { Document, type DocumentClass } from '../../../desk/document/document.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, forManagers, labSite, testApp } from '../../support/fixtures-app.ts'

const said: string[] = []

class Base extends Document {
  override validate(): void {
    said.push('base')
  }
}

class Better extends Base {
  override validate(): void {
    super.validate()
    said.push('better')
  }
}

const adding =
  (word: string) =>
  (base: DocumentClass): DocumentClass =>
    class extends base {
      override async validate(ctx: Parameters<NonNullable<Document['validate']>>[0]): Promise<void> {
        await super.validate?.(ctx)
        said.push(word)
      }
    }

const thing = { Thing: { autoname: 'Prompt', fields: [field('n', 'Int')], permissions: forManagers } }

await eachDatabase(t, 'controllers that other apps replace and extend', async (t, db) => {
  const first = testApp({
    name: 'first',
    doctypes: { ...thing, Plain: thing.Thing },
    controllers: { Thing: Base },
  })
  const site = await labSite(
    t,
    db,
    {
      override_doctype_class: { Thing: Better },
      extend_doctype_class: { Thing: [adding('one'), adding('two')], Plain: adding('plain') },
    },
    { apps: [first] },
  )
  await site.asAdministrator((ctx) => ctx.insert('Thing', { name: 'a' }))
  t.same(said.splice(0), ['base', 'better', 'one', 'two'], 'in order, over the class that replaces the first')
  await site.asAdministrator((ctx) => ctx.insert('Plain', { name: 'a' }))
  t.same(said.splice(0), ['plain'], 'a DocType without a controller')
  await t.rejects(
    labSite(t, db, { override_doctype_class: { Nothing: Base } }),
    /override_doctype_class of lab: there is no DocType Nothing/,
  )
})

await eachDatabase(t, 'a child table that no app brings', async (t, db) => {
  const parent = (options: string): object => ({
    doctypes: {
      Parent: { fields: [field('rows', 'Table', { options })] },
      Other: { fields: [field('n', 'Int')] },
    },
  })
  await t.rejects(
    labSite(t, db, parent('Missing')),
    /Parent \(app lab\), field rows: there is no DocType Missing; install the app/,
  )
  await t.rejects(labSite(t, db, parent('Other')), /field rows: Other is no child table/)
})
