import knexFactory, { type Knex } from 'knex'
import t, { type Test } from 'tap'
import { createDatabase, type DatabaseConfig } from '../../../desk/db/index.ts'
import { mariaDbConfig, mariaDbSocket, needsMariaDb } from '../../support/databases.ts'

interface RawConnection {
  destroy(): void
}

/** Knex's own client, with one connection, beside which ours has to do better. */
function stockClient(t: Test, config: DatabaseConfig): Knex {
  const connections: RawConnection[] = []
  const knex = knexFactory({
    client: 'mariadb',
    connection: {
      user: config.db_user,
      database: config.db_name,
      socketPath: config.db_socket,
      insertIdAsNumber: true,
    } as Knex.StaticConnectionConfig,
    pool: {
      min: 0,
      max: 1,
      afterCreate: (connection: RawConnection, done: () => void) => {
        connections.push(connection)
        done()
      },
    },
    log: { warn: () => undefined },
  })
  t.teardown(async () => {
    for (const connection of connections) connection.destroy()
    await knex.destroy()
  })
  return knex
}

t.test('RETURNING on a server whose minor version has two digits', needsMariaDb, async (t) => {
  const config = await mariaDbConfig(t, await mariaDbSocket())
  const db = createDatabase(config)
  t.teardown(() => db.close())
  await db.reader.raw('create table thing (name varchar(20) primary key, value int default 7)')
  const [{ version }] = (await db.reader.raw('select version() as version'))[0]

  const stock = stockClient(t, config)
  await stock.raw('select 1')
  const lost: unknown = await stock('thing').insert({ name: 'stock' }).returning(['name', 'value'])
  if (/^10\.1\d\./.test(version)) t.same(lost, [0], 'knex drops it silently')

  t.same(await db.reader('thing').insert({ name: 'a' }).returning(['name', 'value']), [
    { name: 'a', value: 7 },
  ])
  const inside = await db.transaction((tx) => tx('thing').insert({ name: 'b' }).returning('value'))
  t.same(inside, [{ value: 7 }])
  t.same(await db.reader('thing').where({ name: 'a' }).delete().returning('name'), [{ name: 'a' }])
})

const manyRows = 'seq_1_to_200000'

async function leaveEarly(knex: Knex): Promise<number> {
  let seen = 0
  for await (const row of knex(manyRows).select('seq', knex.raw("repeat('x', 200) as filler")).stream()) {
    if (row) seen++
    if (seen === 3) break
  }
  return seen
}

t.test('a stream that is left early gives its connection back', needsMariaDb, async (t) => {
  const config = await mariaDbConfig(t, await mariaDbSocket())
  const stock = stockClient(t, config)
  await leaveEarly(stock)
  await t.rejects(stock.raw('select 1').timeout(1000), { name: 'KnexTimeoutError' }, "knex's own is wedged")

  const db = createDatabase({ ...config, pool_size: 1 })
  t.teardown(() => db.close())
  for (const round of [1, 2, 3]) {
    t.equal(await leaveEarly(db.reader), 3, `round ${round}`)
    const counted = await db.reader(manyRows).count('* as rows').first().timeout(10_000)
    t.same(counted, { rows: 200_000 })
  }
})

t.test('a stream that is read to its end has all rows', needsMariaDb, async (t) => {
  const db = createDatabase({ ...(await mariaDbConfig(t, await mariaDbSocket())), pool_size: 1 })
  t.teardown(() => db.close())
  let sum = 0
  for await (const { seq } of db.reader(manyRows).select('seq').stream()) sum += Number(seq)
  t.equal(sum, (200_000 * 200_001) / 2)
  await t.rejects(
    async () => {
      for await (const row of db.reader('nothing').select('seq').stream()) t.fail(String(row))
    },
    { name: 'SchemaOutdatedError' },
    'a failing statement fails the loop',
  )
  await t.resolves(db.ping())
})

t.test('every connection speaks utf8mb4, strictly, in UTC, READ COMMITTED', needsMariaDb, async (t) => {
  const db = createDatabase(await mariaDbConfig(t, await mariaDbSocket()))
  t.teardown(() => db.close())
  const read = `select @@collation_connection as collation, @@character_set_client as charset,
    @@time_zone as zone, @@tx_isolation as isolation, @@sql_mode as mode`
  const [rows] = await db.reader.raw(read)
  t.match(rows, [
    { collation: 'utf8mb4_unicode_ci', charset: 'utf8mb4', zone: '+00:00', isolation: 'READ-COMMITTED' },
  ])
  t.match(rows[0].mode, /STRICT_TRANS_TABLES.*NO_ZERO_DATE/)
})
