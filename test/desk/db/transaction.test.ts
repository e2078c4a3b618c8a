import t from 'tap'
import { createDatabase, type Database } from '../../../desk/db/index.ts'
import { eachDatabase } from '../../support/databases.ts'

async function withCounter(open: () => Promise<Database>): Promise<Database> {
  const db = await open()
  const sql = 'create table counter (name varchar(20) primary key, value int not null)'
  if (db.kind === 'mariadb') await db.reader.raw(sql)
  else await db.transaction((tx) => tx.raw(sql))
  await db.transaction((tx) =>
    tx('counter').insert([
      { name: 'a', value: 0 },
      { name: 'b', value: 0 },
    ]),
  )
  return db
}

const values = async (db: Database): Promise<unknown> => db.reader('counter').orderBy('name').pluck('value')

void eachDatabase(t, 'a transaction is kept as a whole or not at all', async (t, { open }) => {
  const db = await withCounter(open)
  const result = await db.transaction(async (tx) => {
    await tx('counter').update({ value: 1 })
    t.same(await values(db), [0, 0], 'nobody else sees it before commit')
    return 'done'
  })
  t.equal(result, 'done')
  t.same(await values(db), [1, 1])
  const broken = db.transaction(async (tx) => {
    await tx('counter').update({ value: 2 })
    throw new RangeError('no')
  })
  await t.rejects(broken, { name: 'RangeError', message: 'no' })
  t.same(await values(db), [1, 1])
})

void eachDatabase(
  t,
  'BEGIN, where there must be one, and COMMIT are the only statements beside the work',
  async (t, { open }) => {
    const db = await withCounter(open)
    const statements: string[] = []
    const stop = db.onQuery((sql) => statements.push(sql.replace(/;$/, '')))
    await db.transaction((tx) => tx('counter').where({ name: 'a' }).update({ value: 5 }))
    await db.reader('counter').select('value')
    stop()
    await db.reader('counter').select('name')
    t.same(statements, [
      ...(db.kind === 'sqlite' ? ['BEGIN IMMEDIATE'] : []),
      'update `counter` set `value` = ? where `name` = ?',
      'COMMIT',
      'select `value` from `counter`',
    ])
  },
)

void eachDatabase(t, 'transactions at the same time all count', async (t, { open }) => {
  const db = await withCounter(open)
  const bump = (): Promise<unknown> =>
    db.transaction(async (tx) => {
      const row: { value: number } = await tx('counter').where({ name: 'a' }).forUpdate().first('value')
      await tx('counter')
        .where({ name: 'a' })
        .update({ value: row.value + 1 })
    })
  await Promise.all(Array.from({ length: 40 }, bump))
  t.same(await values(db), [40, 0])
})

void eachDatabase(t, 'SQLite refuses a transaction inside a transaction', async (t, { kind, open }) => {
  const db = await withCounter(open)
  if (kind === 'mariadb') return
  const nested = db.transaction(() => db.transaction(async () => undefined))
  await t.rejects(nested, { message: /use the handle that was passed/ })
  await t.resolves(
    db.transaction((tx) => tx('counter').select()),
    'the writer is free again',
  )
})

void eachDatabase(t, 'a handle is of no use once its transaction is over', async (t, { open }) => {
  const db = await withCounter(open)
  const leaked = await db.transaction(async (tx) => ({ tx }))
  await t.rejects(leaked.tx('counter').update({ value: 7 }), { message: /transaction is over/ })
  t.ok(leaked.tx.isCompleted())
  t.same(await values(db), [0, 0])
})

void eachDatabase(t, 'a savepoint takes back its own part only', async (t, { open }) => {
  const db = await withCounter(open)
  await db.transaction(async (tx) => {
    await tx('counter').where({ name: 'a' }).update({ value: 1 })
    const inner = tx.transaction(async (part) => {
      await part('counter').where({ name: 'b' }).update({ value: 1 })
      throw new Error('not this')
    })
    await t.rejects(inner, { message: 'not this' })
  })
  t.same(await values(db), [1, 0])
})

void eachDatabase(t, 'a statement left running does not outlive its transaction', async (t, { open }) => {
  const db = await withCounter(open)
  const failing = db.transaction(async (tx) => {
    const stray = tx('counter')
      .update({ value: 5 })
      .then(() => tx('counter').update({ value: 6 }))
    stray.catch(() => undefined)
    throw new Error('gone')
  })
  await t.rejects(failing, { message: 'gone' })
  await t.resolves(db.transaction((tx) => tx('counter').where({ name: 'a' }).update({ value: 1 })))
  t.same(await values(db), [1, 0])
})

void eachDatabase(t, 'work for after the commit may open a transaction', async (t, { open }) => {
  const db = await withCounter(open)
  const later: (() => Promise<unknown>)[] = []
  await db.transaction(async () => {
    later.push(() => db.transaction((tx) => tx('counter').update({ value: 3 })))
  })
  for (const work of later) await work()
  t.same(await values(db), [3, 3])
})

void eachDatabase(
  t,
  'numbers are taken outside the transaction where the database can',
  async (t, { open }) => {
    const db = await withCounter(open)
    const { independent } = db
    if (!independent) {
      t.equal(db.kind, 'sqlite')
      return
    }
    const failing = db.transaction(async (tx) => {
      await tx('counter').where({ name: 'a' }).update({ value: 9 })
      await independent((own) => own('counter').where({ name: 'b' }).update({ value: 9 }))
      throw new Error('roll back')
    })
    await t.rejects(failing, { message: 'roll back' })
    t.same(await values(db), [0, 9])
  },
)

void eachDatabase(
  t,
  'more transactions than connections, each taking a number, do not lock up',
  async (t, db) => {
    const config = await db.config()
    const small = createDatabase({ ...config, pool_size: 2 })
    t.teardown(() => small.close())
    await withCounter(async () => small)
    const { independent } = small
    const work = small.independent
      ? Array.from({ length: 12 }, () =>
          small.transaction(async (tx) => {
            await tx.raw('select 1')
            await independent?.((own) => own('counter').where({ name: 'b' }).increment('value', 1))
          }),
        )
      : []
    await Promise.all(work)
    t.same(await values(small), [0, work.length])
  },
)

void eachDatabase(t, 'the reader of SQLite does not write', async (t, { kind, open }) => {
  const db = await withCounter(open)
  const write = db.reader('counter').update({ value: 1 })
  if (kind === 'sqlite') await t.rejects(write, { message: /only reads/ })
  else await t.resolves(write)
})

void eachDatabase(t, 'what was committed is there after a reopening', async (t, { config }) => {
  const place = await config()
  const first = createDatabase(place)
  await withCounter(async () => first)
  await first.close()
  const second = createDatabase(place)
  t.teardown(() => second.close())
  t.same(await values(second), [0, 0])
  await t.resolves(second.ping())
})
