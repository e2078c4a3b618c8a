import fc from 'fast-check'
import t from 'tap'
import { Meta } from '../../../desk/meta/meta.ts'
import { parseDocType } from '../../../desk/meta/parse.ts'
import type { Database } from '../../../desk/db/index.ts'
import { apply, describe, desiredTable, diff, introspect, type Change } from '../../../desk/schema/index.ts'
import { eachDatabase } from '../../support/databases.ts'
import { docType } from '../../support/doctypes.ts'

const before = docType({
  fields: [
    { fieldname: 'a', fieldtype: 'Data', search_index: 1 },
    { fieldname: 'b', fieldtype: 'Data', length: 200 },
    { fieldname: 'c', fieldtype: 'Int' },
  ],
})

const after = docType({
  sort_field: 'creation',
  fields: [
    { fieldname: 'a', fieldtype: 'Data', unique: 1 },
    { fieldname: 'b', fieldtype: 'Small Text', not_nullable: 1 },
    { fieldname: 'c', fieldtype: 'Int', length: 20, default: '5' },
    { fieldname: 'd', fieldtype: 'Datetime', not_nullable: 1 },
    { fieldname: 'e', fieldtype: 'Select', default: 'x', search_index: 1 },
  ],
  indexes: [{ fields: ['e', 'c'] }],
})

const applyTo = (db: Database, changes: readonly Change[]): Promise<unknown> =>
  db.kind === 'mariadb'
    ? apply(db.reader, db.kind, changes)
    : db.transaction((tx) => apply(tx, db.kind, changes))

const tableOf = (json: Record<string, unknown>): NonNullable<ReturnType<typeof desiredTable>> => {
  const table = desiredTable(new Meta(parseDocType(json, 'test'), 'test'))
  if (!table) throw new Error('no table')
  return table
}

void eachDatabase(
  t,
  'changes that were half done are done by the same list again',
  async (t, { open, kind }) => {
    const [first, second] = [tableOf(before), tableOf(after)]
    const all = diff(first, second)
    t.ok(all.length > 8)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all), async (done) => {
        const db = await open()
        await applyTo(db, [...done.filter((change) => change.do === 'create table'), ...diff(null, first)])
        await db.transaction((tx) => tx('tabThing').insert({ name: 'row', a: 'x', b: 'kept' }))
        const soFar = done.filter(
          (change) => change.do !== 'add index' || change.index.columns.every(known(done)),
        )
        await applyTo(db, soFar)
        await applyTo(db, all)
        await applyTo(db, all)
        const rest = diff(await introspect(db.reader, kind, second.name), second).map(describe)
        const row: { b: string } = await db.reader('tabThing').first()
        return rest.length === 0 && row.b === 'kept'
      }),
      { numRuns: kind === 'sqlite' ? 20 : 8 },
    )
    t.pass('whichever part was done')
  },
)

/** An index can only have been made once its columns were. */
const known =
  (done: readonly Change[]) =>
  (name: string): boolean =>
    !['d', 'e'].includes(name) ||
    done.some((change) => change.do === 'add column' && change.column.name === name)
