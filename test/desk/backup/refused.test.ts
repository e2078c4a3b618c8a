import { copyFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { Header } from 'tar'
import { backupSite } from '../../../desk/backup/backup.ts'
import { restoreSite, type RestoreOptions } from '../../../desk/backup/restore.ts'
import { dump, eachBench, SiteBench } from '../../support/bench-site.ts'
import { recordingLog } from '../../support/fixtures-app.ts'
import { needsMariaDb } from '../../support/databases.ts'

t.setTimeout(240_000)
const log = recordingLog()
const SITE = 'one.test'

/** Tries to restore, and looks that nothing of the site has changed. */
async function refused(
  t: Test,
  sites: SiteBench,
  file: string,
  message: RegExp,
  options: Partial<RestoreOptions> = {},
): Promise<void> {
  const state = async (): Promise<unknown> => [
    await sites.on(SITE, (site) => dump(site.database)),
    readdirSync(sites.bench.sitePath(SITE), { recursive: true })
      .filter((name) => !/-(wal|shm)$/.test(String(name)))
      .sort(),
    readFileSync(sites.bench.siteConfigFile(SITE), 'utf8'),
  ]
  const before = await state()
  await t.rejects(restoreSite(sites.bench, SITE, file, { log, ...options }), { message }, String(message))
  t.same(await state(), before, 'the site is as it was')
}

void eachBench(t, 'a backup that is cut short, changed, or none', async (t, sites) => {
  await sites.newSite(SITE)
  const { database } = await sites.on(SITE, (site) => backupSite(site))
  const whole = readFileSync(database)
  const folder = t.testdir({})
  const file = path.join(folder, 'x-database.gz')
  for (const part of [0, 0.01, 0.3, 0.6, 0.9, 0.999]) {
    writeFileSync(file, whole.subarray(0, Math.floor(whole.length * part)))
    await refused(t, sites, file, /cut short|damaged|not a backup/)
  }
  writeFileSync(file, whole.subarray(0, whole.length - 1))
  await refused(t, sites, file, /cut short/)
  const plain = gunzipSync(whole)
  for (const part of [0.3, 0.9, 0.9999]) {
    writeFileSync(file, plain.subarray(0, Math.floor(plain.length * part)))
    await refused(t, sites, file, /cut short|damaged/)
  }
  const flipped = Buffer.from(whole)
  flipped[Math.floor(whole.length / 2)] = (flipped[Math.floor(whole.length / 2)] ?? 0) ^ 0xff
  writeFileSync(file, flipped)
  await refused(t, sites, file, /cut short|damaged/)
  for (const text of ['hello', '{}', '-- MariaDB dump 10.19', '/*!40101 SET NAMES utf8 */;']) {
    writeFileSync(file, text)
    await refused(t, sites, file, /not a backup|not from "bench backup"/)
  }
  await refused(t, sites, path.join(folder, 'nosuch.sql.gz'), /There is no file/)
  t.notSame(await restoreSite(sites.bench, SITE, database, { log }), undefined, 'and the whole one is taken')
})

void eachBench(t, 'a file that does not have the checksum that was noted', async (t, sites) => {
  await sites.newSite(SITE)
  const made = await sites.on(SITE, (site) => backupSite(site, { withFiles: true }))
  const content = gunzipSync(readFileSync(made.database))
  writeFileSync(made.database, gzipSync(content, { level: 1 }))
  await refused(t, sites, made.database, /does not have the checksum/)
})

void eachBench(t, 'apps that are newer, or not here', async (t, sites) => {
  await sites.newSite(SITE)
  const backupWith = (app: string, version: string): Promise<string> =>
    sites.on(SITE, async (site) => {
      const set = (app_version: string) =>
        site.asAdministrator((ctx) =>
          ctx
            .db('tabInstalled Application')
            .insert({ name: app, app_name: app, app_version })
            .onConflict('name')
            .merge(),
        )
      await set(version)
      const { database } = await backupSite(site)
      if (app === 'desk') await set('0.0.1')
      else
        await site.asAdministrator((ctx) => ctx.db('tabInstalled Application').where({ name: app }).delete())
      return database
    })
  const newer = await backupWith('desk', '99.0.0')
  const strange = await backupWith('cook_book', '1.2.3')
  await refused(t, sites, newer, /made with desk 99\.0\.0.*newer @f-chat\/desk/)
  await refused(t, sites, strange, /app cook_book 1\.2\.3, which is not in this bench.*get-app/)
  const { notes } = await restoreSite(sites.bench, SITE, strange, { log, force: true })
  t.match(notes, [/cook_book is not in this bench/])
})

t.test('a backup of the other database', needsMariaDb, async (t) => {
  const [sqlite, mariadb] = (['sqlite', 'mariadb'] as const).map((kind) => new SiteBench(t, kind))
  if (!sqlite || !mariadb) return
  for (const sites of [sqlite, mariadb]) {
    await sites.bench.init()
    await sites.newSite(SITE)
  }
  const fromSqlite = await sqlite.on(SITE, (site) => backupSite(site))
  const fromMariaDb = await mariadb.on(SITE, (site) => backupSite(site))
  await refused(t, mariadb, fromSqlite.database, /SQLite.*this site is on MariaDB.*--db-type sqlite/)
  await refused(t, sqlite, fromMariaDb.database, /MariaDB.*this site is on SQLite.*--db-type mariadb/)
})

t.test('SQL that fails in the middle, or is not a backup’s', needsMariaDb, async (t) => {
  const sites = new SiteBench(t, 'mariadb')
  await sites.bench.init()
  await sites.newSite(SITE)
  const { database } = await sites.on(SITE, (site) => backupSite(site))
  const lines = gunzipSync(readFileSync(database)).toString('utf8').split('\n')
  const file = path.join(t.testdir({}), 'changed.sql')
  const insert = lines.findLastIndex((line) => line.startsWith('INSERT INTO `tabUser`'))
  const changed = (at: number, line: string): void => writeFileSync(file, lines.with(at, line).join('\n'))
  changed(insert, (lines[insert] ?? '').replace('`name`', '`nosuch`'))
  await refused(t, sites, file, /nosuch/)
  for (const line of ['DROP DATABASE mysql;', 'DELETE FROM `tabUser`;', "SELECT '' INTO OUTFILE '/tmp/x';"]) {
    changed(insert, line)
    await refused(t, sites, file, /damaged at line/)
  }
})

/** An archive with one entry, as no honest program writes it. */
function evilTar(name: string, type: 'File' | 'SymbolicLink' = 'File'): Buffer {
  const header = new Header({
    path: name,
    type,
    size: 0,
    mode: 0o644,
    linkpath: type === 'File' ? '' : '/etc/passwd',
  })
  const block = Buffer.alloc(512)
  header.encode(block)
  return Buffer.concat([block, Buffer.alloc(1024)])
}

t.test('archives of files: cut short, of the other folder, and with tricks in their names', async (t) => {
  const sites = new SiteBench(t, 'sqlite')
  await sites.bench.init()
  await sites.newSite(SITE)
  const folder = sites.bench.sitePath(SITE)
  for (const name of ['a.txt', 'b.txt'])
    writeFileSync(path.join(folder, 'public/files', name), name.repeat(400))
  const made = await sites.on(SITE, (site) => backupSite(site, { withFiles: true }))
  const { database, publicFiles = '', privateFiles = '' } = made
  const own = path.join(t.testdir({}), 'mine-database.sqlite.gz')
  copyFileSync(database, own)
  const archive = path.join(path.dirname(own), 'files.tar')
  const tryIt = async (content: Buffer, message: RegExp): Promise<void> => {
    for (const bytes of [content, gzipSync(content)]) {
      writeFileSync(archive, bytes)
      await refused(t, sites, own, message, { publicFiles: archive })
    }
  }
  const whole = readFileSync(publicFiles)
  for (const length of [0, 700, 1536, whole.length - 2048]) {
    writeFileSync(archive, whole.subarray(0, length))
    await refused(t, sites, own, /cut short/, { publicFiles: archive })
  }
  const packed = gzipSync(whole)
  writeFileSync(archive, packed.subarray(0, packed.length - 4))
  await refused(t, sites, own, /cut short/, { publicFiles: archive })
  await refused(t, sites, own, /does not belong into public\/files/, { publicFiles: privateFiles })
  await refused(t, sites, own, /does not belong into private\/files/, { privateFiles: publicFiles })
  await refused(t, sites, own, /There is no file/, { publicFiles: path.join(folder, 'nosuch.tar') })
  await tryIt(evilTar('public/files/../../../../evil.txt'), /outside the site/)
  await tryIt(evilTar('/tmp/evil.txt'), /outside the site/)
  await tryIt(evilTar('public/files/..\\evil.txt'), /outside the site/)
  await tryIt(evilTar('../public/files/evil.txt'), /outside the site/)
  await tryIt(evilTar('public/files/link', 'SymbolicLink'), /is a link/)
  await tryIt(evilTar('site_config.json'), /does not belong/)
})

t.test('links in the folder of files are not followed into a backup', async (t) => {
  const sites = new SiteBench(t, 'sqlite')
  await sites.bench.init()
  await sites.newSite(SITE)
  const outside = path.join(t.testdir({}), 'outside.txt')
  writeFileSync(outside, 'not for the backup')
  symlinkSync(outside, path.join(sites.bench.sitePath(SITE), 'public/files/link'))
  const { publicFiles = '' } = await sites.on(SITE, (site) => backupSite(site, { withFiles: true }))
  t.notMatch(readFileSync(publicFiles, 'latin1'), 'not for the backup')
})
