import knexFactory, { type Knex } from 'knex'
import { createDatabase, type DatabaseConfig } from '../../desk/db/index.ts'
import { MariaDbDialect } from '../../desk/db/mariadb-dialect.ts'
import { SqliteDialect } from '../../desk/db/sqlite-dialect.ts'
import { hashName } from '../../desk/document/naming.ts'
import type { Site } from '../../desk/site/site.ts'
import { onMariaDbServer, onSqlite } from './databases.ts'
import { median, report, tell, type Figure } from './report.ts'
import { thingSite } from './thing-app.ts'

/** Documents inserted through their whole life, one transaction each, against Knex inserting the same rows. */
const ROUNDS = 7
const ROUND_MS = 2000

const values = {
  title: 'Pallet for bay 3',
  status: 'Open',
  amount: 1250.5,
  quantity: 12,
  due: '2026-12-01',
  is_urgent: 1,
  responsible: 'Administrator',
  remarks: 'Short two boxes. Look before the carrier leaves.',
}

function bareKnex(config: DatabaseConfig): Knex {
  if (config.db_type === 'sqlite') {
    const pragmas = ['journal_mode = WAL', 'synchronous = FULL']
    return knexFactory({
      client: SqliteDialect,
      connection: { filename: config.db_name, pragmas } as Knex.StaticConnectionConfig,
      pool: { min: 1, max: 1 },
      useNullAsDefault: true,
    })
  }
  return knexFactory({
    client: MariaDbDialect,
    connection: {
      socketPath: config.db_socket,
      user: config.db_user,
      password: config.db_password,
      database: config.db_name,
    } as Knex.StaticConnectionConfig,
    pool: { min: 1, max: config.pool_size ?? 10 },
  })
}

async function insertBare(knex: Knex, site: Site): Promise<void> {
  const now = site.clock.now()
  const person = 'Administrator'
  const row = { name: hashName(), owner: person, modified_by: person, creation: now, modified: now }
  await knex('tabThing').insert({ ...row, docstatus: 0, idx: 0, ...values })
}

async function insertOurs(site: Site): Promise<void> {
  await site.write({ user: 'Administrator' }, (ctx) => ctx.insert('Thing', values))
}

/** Inserts a second, by several who insert one after the other. */
async function rate(work: () => Promise<void>, workers: number, ms: number): Promise<number> {
  const begin = performance.now()
  let done = 0
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (performance.now() - begin < ms) {
        await work()
        done++
      }
    }),
  )
  return (done * 1000) / (performance.now() - begin)
}

async function compare(config: DatabaseConfig, workers: number): Promise<Figure[]> {
  const site = await thingSite(createDatabase(config), 1)
  const knex = bareKnex(config)
  const bare = (): Promise<void> => insertBare(knex, site)
  const ours = (): Promise<void> => insertOurs(site)
  try {
    await rate(bare, workers, 500)
    await rate(ours, workers, 500)
    const rounds: { bare: number; ours: number }[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const taken = { bare: await rate(bare, workers, ROUND_MS), ours: await rate(ours, workers, ROUND_MS) }
      rounds.push(taken)
      tell(
        `${config.db_type} round ${String(round)}: bare ${taken.bare.toFixed(0)}/s, ours ${taken.ours.toFixed(0)}/s`,
      )
    }
    const common = { name: 'insert', metric: 'documents', unit: '1/s' }
    const bareName = `knex ${config.db_type}`
    return [
      { ...common, variant: bareName, value: median(rounds.map((round) => round.bare)) },
      {
        ...common,
        variant: `desk ${config.db_type}`,
        value: median(rounds.map((round) => round.ours)),
        ratio_to: bareName,
        ratio: median(rounds.map((round) => round.ours / round.bare)),
      },
    ]
  } finally {
    await knex.destroy()
    await site.close()
  }
}

await onSqlite(async (config) => {
  report(await compare(config, 1))
})
await onMariaDbServer(16, async (config) => {
  report(await compare(config, 16))
})
