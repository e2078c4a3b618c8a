import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { backupSite, type Backup } from '../../../desk/backup/backup.ts'
import { unpackFiles } from '../../../desk/backup/files.ts'
import { writeJournal } from '../../../desk/backup/journal.ts'
import { loadMariaDb } from '../../../desk/backup/load-mariadb.ts'
import { loadSqlite } from '../../../desk/backup/load-sqlite.ts'
import { settleRestore } from '../../../desk/backup/settle.ts'
import { databaseConfig } from '../../../desk/site/open.ts'
import { buildOnce, root } from '../../support/bench-cli.ts'
import { dump, eachBench, type SiteBench } from '../../support/bench-site.ts'

t.setTimeout(240_000)
buildOnce()
const SITE = 'one.test'
const PARTS = ['public/files', 'private/files'] as const

const write = (sites: SiteBench, state: string): void => {
  for (const part of PARTS) {
    const folder = path.join(sites.bench.sitePath(SITE), part)
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'state.txt'), state)
    writeFileSync(path.join(folder, `${state}.bin`), Buffer.alloc(3_000_000, state))
  }
}

const setState = async (sites: SiteBench, state: string): Promise<void> => {
  write(sites, state)
  await sites.on(SITE, (site) =>
    site.database.transaction(async (tx) => {
      await tx('tabSeries').where('name', 'like', 'state-%').delete()
      await tx('tabSeries').insert({ name: `state-${state}`, current: 1 })
      // Enough that a kill finds the loading under way.
      const text = state.repeat(20_000)
      for (let row = 0; row < 40; row += 1)
        await tx('__Auth').insert({
          doctype: state,
          name: String(row),
          fieldname: 'f',
          password: text,
          encrypted: 0,
        })
    }),
  )
}

/** What database and files say; the site is opened as any command does it. */
async function states(sites: SiteBench): Promise<Set<string>> {
  const found = await sites.on(SITE, (site) =>
    site.database.reader('tabSeries').where('name', 'like', 'state-%').pluck<string[]>('name'),
  )
  const files = PARTS.flatMap((part) => {
    const folder = path.join(sites.bench.sitePath(SITE), part)
    return [
      readFileSync(path.join(folder, 'state.txt'), 'utf8'),
      ...readdirSync(folder)
        .filter((name) => name.endsWith('.bin'))
        .map((name) => name.replace('.bin', '')),
    ]
  })
  return new Set([...found.map((name) => name.replace('state-', '')), ...files])
}

/** A site that is new, with a backup of how it was when it was old. */
async function oldAndNew(sites: SiteBench): Promise<Backup> {
  await sites.newSite(SITE)
  await setState(sites, 'old')
  const backup = await sites.on(SITE, (site) => backupSite(site, { withFiles: true }))
  for (const part of PARTS) {
    rmSync(path.join(sites.bench.sitePath(SITE), part), { recursive: true })
  }
  await setState(sites, 'new')
  return backup
}

function noLeftovers(t: Test, sites: SiteBench): void {
  const names = readdirSync(sites.bench.sitePath(SITE), { recursive: true, encoding: 'utf8' })
  t.same(
    names.filter((name) => /\.restore|\.replaced|restore\.json/.test(name)),
    [],
    'nothing of the restore lies about',
  )
}

void eachBench(
  t,
  'a restore that is killed leaves the site old or new, and the next command tidies up',
  async (t, sites) => {
    const backup = await oldAndNew(sites)
    const folder = sites.bench.sitePath(SITE)
    const journal = path.join(folder, 'locks/restore.json')
    const moments: [string, () => boolean][] = [
      ['it has begun', () => existsSync(journal)],
      [
        'everything is loaded',
        () => existsSync(journal) && readFileSync(journal, 'utf8').includes('"isLoaded": true'),
      ],
      ['files are being switched', () => existsSync(path.join(folder, 'public/files.replaced'))],
    ]
    for (const [name, isNow] of moments) {
      const child = spawn(
        process.execPath,
        [
          path.join(root, 'desk/bin/bench.js'),
          ...['--site', SITE, 'restore', backup.database],
          ...[
            '--with-public-files',
            backup.publicFiles ?? '',
            '--with-private-files',
            backup.privateFiles ?? '',
          ],
        ],
        { env: { ...process.env, NODE_OPTIONS: '', BENCH_PATH: sites.bench.path }, stdio: 'ignore' },
      )
      const ended = new Promise((resolve) => child.once('exit', resolve))
      while (!isNow() && child.exitCode === null) await nextTurn()
      child.kill('SIGKILL')
      await ended
      const after = await states(sites)
      t.equal(after.size, 1, `killed when ${name}: ${[...after].join(' and ')}`)
      noLeftovers(t, sites)
      if (after.has('old')) {
        for (const part of PARTS) {
          rmSync(path.join(folder, part), { recursive: true })
        }
        await sites.on(SITE, (site) =>
          site.database.transaction((tx) => tx('__Auth').whereIn('doctype', ['old', 'new']).delete()),
        )
        await setState(sites, 'new')
      }
    }
  },
)

void eachBench(
  t,
  'a restore that stopped just before or after the database was switched',
  async (t, sites) => {
    const { database, publicFiles = '', privateFiles = '' } = await oldAndNew(sites)
    const folder = sites.bench.sitePath(SITE)
    const config = databaseConfig(await sites.bench.siteConfig(SITE), folder)
    const load = async (isLoaded: boolean, isSwitched: boolean): Promise<void> => {
      await writeJournal(folder, { isLoaded: false, files: PARTS })
      const fresh =
        sites.kind === 'mariadb'
          ? await loadMariaDb(database, config, () => undefined)
          : await loadSqlite(database, config.db_name)
      await unpackFiles(publicFiles, path.join(folder, 'public/files.restore'))
      await unpackFiles(privateFiles, path.join(folder, 'private/files.restore'))
      await writeJournal(folder, { isLoaded, files: PARTS, encryptionKey: 'the key of the backup' })
      if (isSwitched) await fresh.switchIn()
      await fresh.close()
    }
    const before = await sites.on(SITE, (site) => dump(site.database))
    for (const isLoaded of [false, true]) {
      await load(isLoaded, false)
      t.same(await states(sites), new Set(['new']), 'back')
      t.same(await sites.on(SITE, (site) => dump(site.database)), before)
      noLeftovers(t, sites)
      t.not((await sites.bench.siteConfig(SITE)).encryption_key, 'the key of the backup')
    }
    await load(true, true)
    t.same(await states(sites), new Set(['old']), 'forward')
    noLeftovers(t, sites)
    t.equal((await sites.bench.siteConfig(SITE)).encryption_key, 'the key of the backup')
    t.equal(await settleRestore(folder, config), false, 'and there is nothing more to settle')
  },
)
