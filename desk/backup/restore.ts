import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { DatabaseConfig } from '../db/index.ts'
import { newerThan } from '../site/app-version.ts'
import { loadApp } from '../site/apps.ts'
import type { Bench } from '../site/bench-folder.ts'
import { readConfig, readJson } from '../site/config.ts'
import { databaseConfig, loadDesk, openSite } from '../site/open.ts'
import { checkPasswordLength, setPassword } from '../site/passwords.ts'
import type { Log } from '../site/site.ts'
import type { Progress } from './backup.ts'
import { checkArchive, unpackFiles, type FilesPart } from './files.ts'
import type { FreshDatabase } from './fresh.ts'
import { checkSums } from './hashed-file.ts'
import { loadMariaDb } from './load-mariadb.ts'
import { loadSqlite } from './load-sqlite.ts'
import { besides } from './names.ts'
import { kindOf } from './read.ts'
import { writeJournal } from './journal.ts'
import { settleRestore } from './settle.ts'

export interface RestoreOptions {
  /** Archives of files; without them the site's files stay. */
  publicFiles?: string
  privateFiles?: string
  adminPassword?: string
  /** Also where the backup's apps are newer than the bench's, or missing there. */
  force?: boolean
  progress?: Progress
  log: Log
}

export interface Restored {
  /** What a person should know or do now. */
  notes: string[]
}

/**
 * Puts a backup in the place of a site's database, and of its files where archives are given. Everything is read,
 * checked and loaded beside the site first and switched in at the end: what fails leaves the site as it was, and
 * where it is killed the site is the old or the new one, as soon as it is opened again. To be called with the site's lock held, while nothing serves the site.
 * @throws with what is wrong with the backup
 */
export async function restoreSite(
  bench: Bench,
  name: string,
  backup: string,
  options: RestoreOptions,
): Promise<Restored> {
  const config = await bench.siteConfig(name)
  const sitePath = bench.sitePath(name)
  const files = filesOf(options)
  if (options.adminPassword !== undefined) checkPasswordLength(options.adminPassword)
  await checkAll(backup, config.db_type === 'mariadb' ? 'mariadb' : 'sqlite', files)
  const database = databaseConfig(config, sitePath)
  await settleRestore(sitePath, database)
  const parts = files.map(([part]) => part)
  await writeJournal(sitePath, { isLoaded: false, files: parts })
  const notes: string[] = []
  try {
    const fresh =
      database.db_type === 'mariadb'
        ? await loadMariaDb(backup, database, options.progress ?? (() => undefined))
        : await loadSqlite(backup, database.db_name)
    try {
      if (!options.force) await refuseNewer(bench, await fresh.apps())
      const key = await keyOf(bench, name, backup, fresh)
      notes.push(...key.notes)
      for (const [part, file] of files) await unpackFiles(file, `${path.join(sitePath, part)}.restore`)
      const { encryptionKey } = key
      await writeJournal(sitePath, {
        isLoaded: true,
        files: parts,
        ...(encryptionKey === undefined ? {} : { encryptionKey }),
      })
      await fresh.switchIn()
    } finally {
      await fresh.close()
    }
    await settleRestore(sitePath, database)
  } catch (error) {
    // Of a database that went away in the very moment, only itself can tell; else the site is as it was.
    if (!(await isRestored(sitePath, database))) throw error
  }
  await afterwards(bench, name, options, notes)
  return { notes }
}

/** What cannot be settled now is settled when the site is opened next. */
async function isRestored(sitePath: string, database: DatabaseConfig): Promise<boolean> {
  try {
    return await settleRestore(sitePath, database)
  } catch {
    return false
  }
}

type Files = (readonly [FilesPart, string])[]

function filesOf({ publicFiles, privateFiles }: RestoreOptions): Files {
  return [
    ...(publicFiles === undefined ? [] : [['public/files', publicFiles] as const]),
    ...(privateFiles === undefined ? [] : [['private/files', privateFiles] as const]),
  ]
}

/** What can be known before the site is touched. */
async function checkAll(backup: string, kind: 'sqlite' | 'mariadb', files: Files): Promise<void> {
  if (!existsSync(backup)) throw new Error(`There is no file ${backup}.`)
  for (const [, file] of files) if (!existsSync(file)) throw new Error(`There is no file ${file}.`)
  const { sums } = besides(backup)
  if (sums) await checkSums(sums, [backup, ...files.map(([, file]) => file)])
  const found = await kindOf(backup)
  if (found !== kind) {
    const called = { sqlite: 'SQLite', mariadb: 'MariaDB' }
    throw new Error(
      `${backup} is of a ${called[found]} database, and this site is on ${called[kind]}. Restore it into a site made with "bench new-site NAME --db-type ${found}".`,
    )
  }
  for (const [part, file] of files) await checkArchive(file, part)
}

async function refuseNewer(bench: Bench, apps: ReadonlyMap<string, string>): Promise<void> {
  const folders = await bench.apps()
  for (const [app, version] of apps) {
    const folder = folders.get(app)
    if (app !== 'desk' && !folder)
      throw new Error(
        `The backup has the app ${app} ${version}, which is not in this bench. Bring it with "bench get-app", or restore anyway with --force.`,
      )
    const here = (folder ? await loadApp(folder) : await loadDesk()).version
    if (newerThan(version, here))
      throw new Error(
        `The backup was made with ${app} ${version}, and this bench has ${here}. Bring the newer ${app === 'desk' ? '@f-chat/desk' : `app with "bench get-app"`} first, or restore anyway with --force.`,
      )
  }
}

/** Stored passwords open only with the key that they were stored with: it comes along with the backup's config. */
async function keyOf(
  bench: Bench,
  name: string,
  backup: string,
  fresh: FreshDatabase,
): Promise<{ notes: string[]; encryptionKey?: string }> {
  const own = await readConfig(bench.siteConfigFile(name))
  const { config: file } = besides(backup)
  const key = file
    ? (readJson(await readFile(file, 'utf8'), file) as Record<string, unknown>).encryption_key
    : undefined
  if (key === own.encryption_key) return { notes: [] }
  if (typeof key === 'string')
    return {
      notes: ['The backup has another encryption_key than the site had: it is in site_config.json now.'],
      encryptionKey: key,
    }
  if (!(await fresh.hasSecrets())) return { notes: [] }
  return {
    notes: [
      'No site_config_backup.json lies beside the backup: if its encryption_key was another one, stored passwords cannot be read until you "bench set-config encryption_key KEY".',
    ],
  }
}

async function afterwards(
  bench: Bench,
  name: string,
  { adminPassword, log }: RestoreOptions,
  notes: string[],
): Promise<void> {
  try {
    const site = await openSite(bench, name, { log, evenIfOutdated: true })
    try {
      if (adminPassword !== undefined)
        await site.asAdministrator((ctx) => setPassword(ctx, 'Administrator', adminPassword))
    } finally {
      await site.close()
    }
    const current = await openSite(bench, name, { log })
    await current.close()
  } catch (error) {
    notes.push(error instanceof Error ? error.message : String(error))
  }
}
