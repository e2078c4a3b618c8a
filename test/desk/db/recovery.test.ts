import { EventEmitter, once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { createDatabase, type Database } from '../../../desk/db/index.ts'
import { startMariaDb } from '../../../scripts/mariadb-server.mjs'
import { mariaDbConfig, mariaDbSocket, needsMariaDb } from '../../support/databases.ts'

async function withCounter(db: Database): Promise<void> {
  await db.reader.raw('create table counter (name varchar(20) primary key, value int not null)')
  await db.reader('counter').insert([
    { name: 'a', value: 0 },
    { name: 'b', value: 0 },
  ])
}

const values = async (db: Database): Promise<unknown> => db.reader('counter').orderBy('name').pluck('value')

/** Two parties wait for each other, once; later calls pass. */
function meeting(): () => Promise<void> {
  const both = new EventEmitter()
  const met = once(both, 'met')
  let waiting = 0
  return async () => {
    waiting++
    if (waiting === 2) both.emit('met')
    await met
  }
}

t.test('of two transactions that lock each other out, both succeed', needsMariaDb, async (t) => {
  const db = createDatabase(await mariaDbConfig(t, await mariaDbSocket()))
  t.teardown(() => db.close())
  await withCounter(db)
  const bothHoldOne = meeting()
  let runs = 0
  const cross = (first: string, second: string): Promise<unknown> =>
    db.transaction(async (tx) => {
      runs++
      await tx('counter').where({ name: first }).increment('value', 1)
      await bothHoldOne()
      await tx('counter').where({ name: second }).increment('value', 1)
    })
  await Promise.all([cross('a', 'b'), cross('b', 'a')])
  t.equal(runs, 3, 'one of them ran again')
  t.same(await values(db), [2, 2])
})

t.test('a deadlock that never ends is reported', needsMariaDb, async (t) => {
  const db = createDatabase(await mariaDbConfig(t, await mariaDbSocket()))
  t.teardown(() => db.close())
  let runs = 0
  const hopeless = db.transaction(async (tx) => {
    runs++
    await tx.raw(
      `begin not atomic signal sqlstate '40001' set mysql_errno = 1213, message_text = 'again'; end`,
    )
  })
  await t.rejects(hopeless, { name: 'DeadlockError', errno: 1213 })
  t.equal(runs, 5)
})

/** A wire to the server that is cut as soon as `marker` has passed through it. */
async function fragileWire(t: Test, socket: string, marker: string, times: number): Promise<number> {
  let left = times
  const open = new Set<Socket>()
  const wire = createServer((near) => {
    const far = connect(socket)
    open.add(near).add(far)
    for (const end of [near, far]) end.on('error', () => end.destroy())
    near.on('data', (data) => {
      if (left > 0 && data.includes(marker)) {
        left--
        far.end(data)
        near.destroy()
      } else far.write(data)
    })
    far.on('data', (data) => near.write(data))
    far.on('close', () => near.destroy())
    near.on('close', () => far.end())
  })
  wire.listen(0, '127.0.0.1')
  await once(wire, 'listening')
  t.teardown(() => {
    for (const end of open) end.destroy()
    wire.close()
  })
  return (wire.address() as AddressInfo).port
}

async function overFragileWire(t: Test, marker: string, times = 1): Promise<Database> {
  const socket = await mariaDbSocket()
  const { db_socket, ...config } = await mariaDbConfig(t, socket)
  const direct = createDatabase({ ...config, ...(db_socket && { db_socket }) })
  await withCounter(direct)
  await direct.close()
  const db = createDatabase({ ...config, db_port: await fragileWire(t, socket, marker, times) })
  t.teardown(() => db.close())
  return db
}

t.test(
  'a connection that is lost before COMMIT: the whole transaction runs again',
  needsMariaDb,
  async (t) => {
    const db = await overFragileWire(t, 'increment-now', 2)
    let runs = 0
    await db.transaction(async (tx) => {
      runs++
      await tx('counter').where({ name: 'a' }).increment('value', 1)
      await tx.raw('select 1 /* increment-now */')
    })
    t.equal(runs, 3)
    t.same(await values(db), [1, 0])
  },
)

t.test('a connection that is lost at the first statement: the work runs again', needsMariaDb, async (t) => {
  const db = await overFragileWire(t, 'update `counter`')
  let runs = 0
  await db.transaction(async (tx) => {
    runs++
    await tx('counter').where({ name: 'a' }).increment('value', 1)
  })
  t.equal(runs, 2)
  t.same(await values(db), [1, 0])
})

t.test(
  'a connection that is lost during COMMIT: nobody knows, so nothing is repeated',
  needsMariaDb,
  async (t) => {
    const db = await overFragileWire(t, '\x03COMMIT')
    let runs = 0
    const unknown = db.transaction(async (tx) => {
      runs++
      await tx('counter').where({ name: 'a' }).increment('value', 1)
    })
    await t.rejects(unknown, {
      name: 'CommitOutcomeUnknownError',
      message: /look whether the change was kept/,
    })
    t.equal(runs, 1)
  },
)

t.test('the server restarts, and dies, under open connections', needsMariaDb, async (t) => {
  const server = await startMariaDb()
  t.teardown(() => server.stop())
  const db = createDatabase({ ...(await mariaDbConfig(t, server.socket)), pool_size: 3 })
  t.teardown(() => db.close())
  await withCounter(db)
  const useAll = (): Promise<unknown> => Promise.all([1, 2, 3].map(() => db.reader.raw('select sleep(0.01)')))
  await useAll()
  await server.restart()
  await t.resolves(useAll(), 'dead connections are replaced before use')
  let runs = 0
  await db.transaction(async (tx) => {
    await tx('counter').where({ name: 'a' }).increment('value', 1)
    if (++runs === 1) await server.restart()
    await tx('counter').where({ name: 'b' }).increment('value', 1)
  })
  t.equal(runs, 2)
  t.same(await values(db), [1, 1])
  await server.kill()
  await t.rejects(db.ping(), {
    name: 'DatabaseUnavailableError',
    message: /check that it runs, and db_socket/,
  })
  await server.start()
  t.same(await values(db), [1, 1], 'what was committed has survived')
})
