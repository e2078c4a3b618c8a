import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { backupSite, type Backup } from '../../../desk/backup/backup.ts'
import { restoreSite } from '../../../desk/backup/restore.ts'
import { readConfig } from '../../../desk/site/config.ts'
import { checkPassword } from '../../../desk/site/passwords.ts'
import type { Site } from '../../../desk/site/site.ts'
import { dump, eachBench, type SiteBench } from '../../support/bench-site.ts'
import { recordingLog } from '../../support/fixtures-app.ts'

t.setTimeout(240_000)
const log = recordingLog()
const SITE = 'one.test'

/** Values that writers of SQL and readers of lines trip over. */
const TEXTS = [
  '',
  "O'Brien \\ \\' \" `quoted` ;",
  'a\nb\rc\r\nd\u2028e\u2029f\u001ag\tend',
  '🙂 👩‍👩‍👧 اَلْعَرَبِيَّةُ',
  "-- end of bench backup\n'); DROP TABLE tabUser; --",
  'x'.repeat(3_000_000),
]

/** A table of everything that the database can hold, beside the site's own. */
async function oddTable({ database }: Site): Promise<void> {
  const make = async (
    run: (sql: string, values?: (string | Buffer | null)[]) => Promise<unknown>,
  ): Promise<void> => {
    if (database.kind === 'mariadb') {
      await run(
        `create table \`odd \`\`name\` (id bigint auto_increment primary key, t longtext, b longblob, big bigint,
         d decimal(21,9), dt datetime(6), j json, g varchar(20) generated always as (concat('g', big)) stored,
         v varchar(140) default 'it''s\\na\\\\default', unique (v, id), fulltext (t))`,
      )
      await run('create sequence odd_sequence start with 41 increment by 1')
    } else {
      await run(
        `create table \`odd \`\`name\` (id integer primary key autoincrement, t text, b blob, big integer, d numeric,
         dt text, j text, g text generated always as ('g' || big) stored, v text default 'it''s', unique (v, id))`,
      )
      await run('create virtual table odd_words using fts5(t)')
      await run("insert into odd_words values ('found again')")
    }
    for (const text of TEXTS)
      await run(
        'insert into `odd ``name` (t, b, big, d, dt, j) values (?, ?, 9007199254740993, 12.000000001, ?, ?)',
        [
          text,
          Buffer.from([0, 1, 2, 10, 13, 26, 39, 92, 255]),
          '2026-03-01 12:00:00.000001',
          '{"a": [1, null]}',
        ],
      )
    await run('insert into `odd ``name` (t) values (?)', [null])
  }
  if (database.kind === 'sqlite')
    await database.transaction((tx) =>
      make((sql, values = []) => Promise.resolve(tx.raw(sql, values as string[]))),
    )
  else await make((sql, values = []) => Promise.resolve(database.reader.raw(sql, values as string[])))
}

async function fill(sites: SiteBench): Promise<void> {
  await sites.on(SITE, async (site) => {
    await site.asAdministrator(async (ctx) => {
      await ctx.insert('User', { email: 'ann@test.example', first_name: 'Ann 🙂' })
      await ctx.db('tabSeries').insert({ name: 'T-', current: 41 })
      await ctx
        .db('__Auth')
        .insert({ doctype: 'X', name: 'x', fieldname: 'f', password: 'p\0q', encrypted: 1 })
    })
    await oddTable(site)
  })
  const folder = sites.bench.sitePath(SITE)
  mkdirSync(path.join(folder, 'public/files/deep'), { recursive: true })
  writeFileSync(path.join(folder, 'public/files/deep/ä 🙂.bin'), Buffer.from([0, 255, 10]))
  writeFileSync(path.join(folder, `public/files/${'long'.repeat(40)}.txt`), 'long name')
  writeFileSync(path.join(folder, 'private/files/secret.txt'), 'secret')
}

/** Names and contents of a folder's files. */
function filesIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [path.relative(folder, file), readFileSync(file, 'hex')]),
  )
}

const filesOf = (sites: SiteBench, site: string): Record<string, string>[] =>
  ['public/files', 'private/files'].map((part) => filesIn(path.join(sites.bench.sitePath(site), part)))

async function sequenceOf(site: Site): Promise<number> {
  if (site.database.kind === 'sqlite') return 41
  const [[row]] = await site.database.reader.raw('select next_not_cached_value as next from odd_sequence')
  return Number(row.next)
}

const restoreAll = (sites: SiteBench, site: string, { database, publicFiles, privateFiles }: Backup) =>
  restoreSite(sites.bench, site, database, {
    log,
    ...(publicFiles ? { publicFiles } : {}),
    ...(privateFiles ? { privateFiles } : {}),
  })

for (const compress of [false, true])
  void eachBench(
    t,
    `a site comes back as it was, files included, compress ${String(compress)}`,
    async (t, sites) => {
      await sites.newSite(SITE)
      await fill(sites)
      const before = await sites.on(SITE, (site) => dump(site.database))
      const files = filesOf(sites, SITE)
      const made = await sites.on(SITE, (site) => backupSite(site, { withFiles: true, compress }))
      await privateToOwner(t, made)
      await sites.on(SITE, async ({ database }) => {
        await database.transaction(async (tx) => {
          await tx('tabUser').where({ name: 'ann@test.example' }).delete()
          await tx('odd `name').update({ t: 'spoilt' })
          await tx('tabSeries').delete()
        })
        const more = (sql: string) =>
          database.kind === 'sqlite' ? database.transaction((tx) => tx.raw(sql)) : database.reader.raw(sql)
        await more('create table later (a int)')
      })
      writeFileSync(path.join(sites.bench.sitePath(SITE), 'public/files/later.txt'), 'later')
      t.same((await restoreAll(sites, SITE, made)).notes, [])
      t.same(await sites.on(SITE, (site) => dump(site.database)), before)
      t.same(filesOf(sites, SITE), files)
      t.equal(await sites.on(SITE, sequenceOf), 41)

      await sites.newSite('two.test')
      const { notes } = await restoreAll(sites, 'two.test', made)
      t.match(notes, [/another encryption_key/])
      t.same(await sites.on('two.test', (site) => dump(site.database)), before)
      t.same(filesOf(sites, 'two.test'), files)
      const [one, two] = await Promise.all(
        [SITE, 'two.test'].map((site) => readConfig(sites.bench.siteConfigFile(site))),
      )
      t.equal(two?.encryption_key, one?.encryption_key)
      t.equal(two?.db_password === one?.db_password, sites.kind === 'sqlite', 'the rest of the config stays')
    },
  )

async function privateToOwner(t: Test, made: Backup): Promise<void> {
  for (const file of Object.values(made)) t.equal(statSync(file).mode & 0o777, 0o600, path.basename(file))
}

void eachBench(t, 'backups while the site is being written hold one moment each', async (t, sites) => {
  await sites.newSite(SITE)
  const make = 'create table pairs (side int, n int)'
  await sites.on(SITE, ({ database }) =>
    database.kind === 'sqlite'
      ? database.transaction((tx) => tx.raw(make))
      : Promise.resolve(database.reader.raw(make)),
  )
  const made: Backup[] = []
  await sites.on(SITE, async (site) => {
    const end = new AbortController()
    let written = 0
    const write = async (): Promise<void> => {
      while (!end.signal.aborted) {
        const n = (written += 1)
        await site.database.transaction(async (tx) => {
          await tx('pairs').insert({ side: 1, n })
          await tx('tabSeries').insert({ name: `P${String(n)}`, current: n })
        })
        // SQLite works within the turn: others shall have theirs.
        await nextTurn()
      }
    }
    const writers = Array.from({ length: 8 }, write)
    for (let copy = 0; copy < 3; copy += 1) made.push(await backupSite(site))
    end.abort()
    await Promise.all(writers)
    t.ok(written > 30, `${String(written)} transactions meanwhile`)
  })
  t.equal(new Set(made.map(({ database }) => database)).size, 3, 'none replaces another')
  for (const one of made) {
    await restoreAll(sites, SITE, one)
    await sites.on(SITE, async ({ database: { reader } }) => {
      const [pairs, series] = await Promise.all([
        reader('pairs').pluck<number[]>('n'),
        reader('tabSeries').where('name', 'like', 'P%').pluck<number[]>('current'),
      ])
      t.same(pairs.sort(), series.sort())
    })
  }
})

void eachBench(t, 'a new password for Administrator', async (t, sites) => {
  await sites.newSite(SITE)
  const { database } = await sites.on(SITE, (site) => backupSite(site))
  await restoreSite(sites.bench, SITE, database, { log, adminPassword: 'another one' })
  await sites.on(SITE, async (site) => {
    t.equal(await checkPassword(site.database.reader, 'Administrator', 'another one'), true)
  })
})
