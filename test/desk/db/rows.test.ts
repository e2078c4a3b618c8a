import t from 'tap'
import { syncTables, type ColumnSpec, type TableSpec } from '../../../desk/schema/index.ts'
import type { Database } from '../../../desk/db/index.ts'
import { eachDatabase } from '../../support/databases.ts'

const column = (name: string, type: string): ColumnSpec => ({ name, type, nullable: true, default: null })

const thing: TableSpec = {
  name: 'tabThing',
  columns: [
    { name: 'name', type: 'varchar(140)', nullable: false, default: null },
    column('title', 'varchar(10)'),
    column('body', 'longtext'),
    column('small', 'tinyint'),
    column('large', 'bigint'),
    column('amount', 'decimal(21,9)'),
    column('at', 'datetime(6)'),
    column('day', 'date'),
    column('hour', 'time(6)'),
    column('data', 'json'),
  ],
  primaryKey: ['name'],
  indexes: [{ name: 'title,small', columns: ['title', 'small'], unique: true }],
}

async function withThings(open: () => Promise<Database>): Promise<Database> {
  const db = await open()
  await syncTables(db, [thing])
  return db
}

const insert = (db: Database, row: object): Promise<unknown> =>
  db.transaction((tx) => tx('tabThing').insert(row))

void eachDatabase(t, 'rows come back as JSON can carry them', async (t, { open }) => {
  const db = await withThings(open)
  const row = {
    name: '😀 Ünïcödé 中文',
    title: '1',
    body: `"quotes", 'more', \\ and ? and :name\n`,
    small: 1,
    large: 42,
    amount: 1.25,
    at: '2026-03-29 02:30:00.123456',
    day: '2026-03-29',
    hour: '23:59:59.999999',
    data: '{"b":1,"a":[1,2]}',
  }
  await insert(db, row)
  t.same(await db.reader('tabThing').first(), row)
  t.same(await db.reader('tabThing').count('* as rows').sum('small as sum').first(), { rows: 1, sum: 1 })
})

void eachDatabase(
  t,
  'a number in a text column stays as it was written, a boolean is 0 or 1',
  async (t, { open }) => {
    const db = await withThings(open)
    await insert(db, { name: 7, title: 12, small: true })
    t.match(await db.reader('tabThing').first(), { name: '7', title: '12', small: 1 })
  },
)

void eachDatabase(t, 'a BIGINT is a number while that is exact, else a string', async (t, { open }) => {
  const db = await withThings(open)
  await insert(db, { name: 'safe', large: 9007199254740991n })
  await insert(db, { name: 'huge', large: '9223372036854775807' })
  const rows = await db.reader('tabThing').orderBy('large').select('large')
  t.same(rows, [{ large: 9007199254740991 }, { large: '9223372036854775807' }])
})

void eachDatabase(t, 'names compare without regard to case', async (t, { open }) => {
  const db = await withThings(open)
  await insert(db, { name: 'Anna' })
  t.match(await db.reader('tabThing').where({ name: 'aNNA' }).first(), { name: 'Anna' })
  await t.rejects(insert(db, { name: 'ANNA' }), {
    name: 'DuplicateKeyError',
    table: 'tabThing',
    index: 'PRIMARY',
  })
})

void eachDatabase(t, 'a duplicate names table and columns', async (t, { open }) => {
  const db = await withThings(open)
  await insert(db, { name: 'a', title: 'x', small: 1 })
  await insert(db, { name: 'b', title: 'x', small: null })
  await t.rejects(insert(db, { name: "c' for", title: 'X', small: 1 }), {
    name: 'DuplicateKeyError',
    table: 'tabThing',
    columns: ['title', 'small'],
  })
  await t.rejects(
    db.transaction((tx) => tx('tabThing').where({ name: 'b' }).update({ small: 1 })),
    { name: 'DuplicateKeyError', table: 'tabThing', columns: ['title', 'small'] },
  )
})

void eachDatabase(t, 'a table or column that is not there asks for a migrate', async (t, { open }) => {
  const db = await withThings(open)
  const outdated = { name: 'SchemaOutdatedError', message: /run `bench migrate`/ }
  await t.rejects(db.reader('tabNothing'), outdated)
  await t.rejects(db.reader('tabThing').where({ nothing: 1 }), outdated)
  await t.rejects(insert(db, { name: 'a', nothing: 1 }), outdated)
})

void eachDatabase(t, 'an error has neither the values nor megabytes in it', async (t, { open }) => {
  const db = await withThings(open)
  await insert(db, { name: 'a' })
  const error: unknown = await insert(db, { name: 'a', body: `secret ${'x'.repeat(1e6)}` }).catch(
    (e: unknown) => e,
  )
  t.type(error, Error)
  const text = JSON.stringify(error) + String(error)
  t.notMatch(text, 'secret')
  t.ok(text.length < 1000, `${text.length} characters`)
})

void eachDatabase(t, 'a value that is too long names its column', async (t, { kind, open }) => {
  const db = await withThings(open)
  const long = insert(db, { name: 'a', title: 'x'.repeat(11) })
  if (kind === 'mariadb') await t.rejects(long, { name: 'DataTooLongError', column: 'title' })
  else await t.resolves(long, 'SQLite keeps it: lengths are checked by the documents')
})
