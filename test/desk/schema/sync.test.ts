import fc from 'fast-check'
import t from 'tap'
import { fieldtypeNames, findFieldtype } from '../../../desk/meta/fieldtypes.ts'
import { Meta } from '../../../desk/meta/meta.ts'
import { parseDocType } from '../../../desk/meta/parse.ts'
import type { Database } from '../../../desk/db/index.ts'
import {
  describe,
  desiredTable,
  diff,
  frameworkTables,
  introspect,
  syncTables,
  type TableSpec,
} from '../../../desk/schema/index.ts'
import { eachDatabase } from '../../support/databases.ts'
import { docType } from '../../support/doctypes.ts'

const tableOf = (json: Record<string, unknown>): TableSpec => {
  const table = desiredTable(new Meta(parseDocType(json, 'test'), 'test'))
  if (!table) throw new Error('no table')
  return table
}

const remaining = async (db: Database, table: TableSpec): Promise<string[]> =>
  diff(await introspect(db.reader, db.kind, table.name), table).map(describe)

const everyFieldtype = fieldtypeNames.map((fieldtype, position) => ({
  fieldname: `field_${position}`,
  fieldtype,
  ...(findFieldtype(fieldtype)?.refers && {
    options: findFieldtype(fieldtype)?.refers === 'dynamic' ? 'field_0' : 'Thing',
  }),
}))

void eachDatabase(t, 'a table with every fieldtype is up to date once made', async (t, { open }) => {
  const db = await open()
  const table = tableOf(docType({ fields: everyFieldtype, is_tree: 1, track_seen: 1 }))
  const done = await syncTables(db, [table])
  t.match(done.applied.map(describe), [/^create tabThing/])
  t.same(await remaining(db, table), [])
  t.same((await syncTables(db, [table])).applied, [], 'a second run finds nothing to do')
})

void eachDatabase(t, 'not_nullable and defaults of every fieldtype hold', async (t, { open }) => {
  const db = await open()
  const defaults: Record<string, string> = {
    text: `it's 100% \\"?"\n\tand {\r\n}`,
    check: '1',
    integer: '-7',
    decimal: '1.50',
    date: '2026-02-28',
    datetime: '2026-02-28 10:00:00',
    time: '10:00:00.5',
  }
  const fields = everyFieldtype.map((field) => ({
    ...field,
    not_nullable: 1,
    default: defaults[findFieldtype(field.fieldtype)?.value ?? ''] ?? '',
  }))
  const bare = fields.map((field) => ({ ...field, default: '' }))
  const table = tableOf(docType({ fields }))
  const before = tableOf(docType({ fields: [{ fieldname: 'first', fieldtype: 'Data' }] }))
  await syncTables(db, [before])
  await db.transaction(async (tx) => {
    await tx('tabThing').insert({ name: 'old' })
  })
  await syncTables(db, [table])
  t.same(await remaining(db, table), [])
  const row: Record<string, unknown> = await db.reader('tabThing').where({ name: 'old' }).first()
  t.match(row, { field_0: defaults.text }, 'the row that was there has the default')
  for (const { fieldname, fieldtype } of everyFieldtype) {
    if (findFieldtype(fieldtype)?.column !== null) t.not(row[fieldname], null, `${fieldtype} is filled`)
  }
  const emptied = tableOf(docType({ fields: bare }))
  await syncTables(db, [emptied])
  t.same(await remaining(db, emptied), [], 'and without defaults')
})

void eachDatabase(t, "the framework's own tables", async (t, { open }) => {
  const db = await open()
  await syncTables(db, frameworkTables)
  for (const table of frameworkTables) t.same(await remaining(db, table), [], table.name)
})

const fieldArbitrary = fc
  .record({
    fieldname: fc.constantFrom('alpha', 'beta', 'gamma', 'delta'),
    fieldtype: fc.constantFrom('Data', 'Select', 'Check', 'Int', 'Float', 'Small Text', 'JSON', 'Rating'),
    length: fc.constantFrom(0, 40, 300),
    not_nullable: fc.constantFrom(0, 1),
    unique: fc.constantFrom(0, 1),
    search_index: fc.constantFrom(0, 1),
    default: fc.constantFrom('', '0', '1'),
  })
  .map((field) =>
    findFieldtype(field.fieldtype)?.unindexed ? { ...field, unique: 0, search_index: 0 } : field,
  )

const docTypeArbitrary = fc
  .record({
    fields: fc.uniqueArray(fieldArbitrary, { selector: ({ fieldname }) => fieldname }),
    istable: fc.constantFrom(0, 1),
    track_seen: fc.constantFrom(0, 1),
    sort_field: fc.constantFrom('modified', 'creation'),
    paired: fc.boolean(),
    unique: fc.constantFrom(0, 1),
  })
  .map(({ paired, unique, ...rest }) =>
    docType({ ...rest, indexes: paired ? [{ fields: ['owner', 'idx'], unique }] : [] }),
  )

t.test('no difference is left between a table and itself', async (t) => {
  fc.assert(
    fc.property(docTypeArbitrary, (json) => {
      const table = tableOf(json)
      return diff(table, table).length === 0
    }),
  )
  t.pass('for any DocType')
})

void eachDatabase(t, 'any table becomes any other', async (t, { open, kind }) => {
  const db = await open()
  await fc.assert(
    fc.asyncProperty(docTypeArbitrary, docTypeArbitrary, async (first, second) => {
      for (const table of [tableOf(first), tableOf(second)]) {
        const { reverted } = await syncTables(db, [table])
        if (reverted.length > 0) return false
        if ((await remaining(db, table)).length > 0) return false
      }
      return true
    }),
    { numRuns: kind === 'sqlite' ? 60 : 25 },
  )
  t.pass('and then nothing is left to do')
})

void eachDatabase(
  t,
  'no column is dropped, and rows, triggers and hand-made indexes stay',
  async (t, { open }) => {
    const db = await open()
    const wide = tableOf(
      docType({
        fields: [
          { fieldname: 'a', fieldtype: 'Data', search_index: 1 },
          { fieldname: 'b', fieldtype: 'Data' },
        ],
      }),
    )
    await syncTables(db, [wide])
    const administer = async (sql: string): Promise<void> => {
      if (db.kind === 'mariadb') await db.reader.raw(sql)
      else await db.transaction((tx) => tx.raw(sql))
    }
    await administer('create index by_hand on tabThing (b, owner)')
    await administer(
      'create trigger mark after update on tabThing for each row begin delete from tabThing where name is null; end',
    )
    await db.transaction(async (tx) => {
      await tx('tabThing').insert({ name: 'one', a: 'x', b: '12' })
    })
    const narrow = tableOf(docType({ fields: [{ fieldname: 'b', fieldtype: 'Int' }] }))
    const { applied } = await syncTables(db, [narrow])
    t.match(applied.map(describe), [/drop index \(a\)/, /change b varchar\(140\) to b int not null/])
    t.match(await db.reader('tabThing').first(), { name: 'one', a: 'x', b: 12 })
    const found = await introspect(db.reader, db.kind, 'tabThing')
    t.ok(found?.indexes.some(({ name }) => name === 'by_hand'))
    const triggers =
      db.kind === 'mariadb'
        ? db.reader('information_schema.triggers').whereRaw('trigger_schema = database()')
        : db.reader('sqlite_master').where({ type: 'trigger' })
    t.equal((await triggers).length, 1)
  },
)

void eachDatabase(t, 'a column is not made shorter than what it holds', async (t, { open }) => {
  const db = await open()
  const sized = (length: number, more = {}): TableSpec =>
    tableOf(docType({ fields: [{ fieldname: 'a', fieldtype: 'Data', length, ...more }] }))
  await syncTables(db, [sized(200)])
  await db.transaction(async (tx) => {
    await tx('tabThing').insert({ name: 'one', a: 'é'.repeat(150) })
  })
  const { applied, reverted } = await syncTables(db, [sized(149, { not_nullable: 1 })])
  t.match(reverted, [{ reason: /tabThing\.a stays varchar\(200\): varchar\(149\) would cut a value of 150/ }])
  t.match(applied.map(describe), [/to a varchar\(200\) not null/], 'the rest of the change is made')
  t.same((await syncTables(db, [sized(150)])).reverted, [])
  t.same(await remaining(db, sized(150)), [])
})

void eachDatabase(
  t,
  'a unique index over rows that are not unique names its columns',
  async (t, { open }) => {
    const db = await open()
    const fields = [{ fieldname: 'a', fieldtype: 'Data' }]
    await syncTables(db, [tableOf(docType({ fields }))])
    await db.transaction(async (tx) => {
      await tx('tabThing').insert([
        { name: 'one', a: 'x' },
        { name: 'two', a: 'X' },
      ])
    })
    const unique = tableOf(docType({ fields: [{ ...fields[0], unique: 1 }] }))
    await t.rejects(syncTables(db, [unique]), {
      message: /^tabThing: a cannot become unique/,
      cause: { name: 'DuplicateKeyError', table: 'tabThing', columns: ['a'] },
    })
  },
)
