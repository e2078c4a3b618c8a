import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import path from 'node:path'
import { createGzip } from 'node:zlib'
import { Readable } from 'node:stream'
import { vacuumInto } from '../db/sqlite-file.ts'
import { databaseConfig } from '../site/open.ts'
import type { Site } from '../site/site.ts'
import { connectDatabase } from './connect.ts'
import { packFiles } from './files.ts'
import { writeHashed } from './hashed-file.ts'
import { backupNames, type BackupNames } from './names.ts'
import { sqlOf } from './sql-text.ts'

/** Told how far a long piece of work has come. */
export type Progress = (step: string, done: number, total: number) => void

export interface BackupOptions {
  withFiles?: boolean
  /** Tar archives of files are gzipped, too; the database always is. */
  compress?: boolean
  /** Where to, instead of the site's private/backups. */
  folder?: string
  progress?: Progress
}

/** What a backup has made; without files, the archives are not there. */
export type Backup = Pick<BackupNames, 'database' | 'config' | 'sums'> & Partial<BackupNames>

/** Before the six letters that make it unique. */
const draftOf = (site: Site): string => `.making-${site.name}.`

/**
 * Writes a site's database as it is at one moment, its config and, if wished, its files; the site may be in use.
 * Everything is readable by its owner only, and gets its name when all of it is on the disk. Older backups stay.
 * To be called with the site's lock held.
 */
export async function backupSite(site: Site, options: BackupOptions = {}): Promise<Backup> {
  const folder = options.folder ?? path.join(site.path, 'private', 'backups')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await removeDrafts(folder, draftOf(site))
  const draft = await mkdtemp(path.join(folder, draftOf(site)))
  try {
    const { kind } = site.database
    const compress = options.compress ?? false
    const wanted = backupNames(folder, site.name, site.clock.now(), { kind, compress })
    const made = await makeParts(site, draft, wanted, options)
    for (const file of [...made.keys(), wanted.sums])
      await rename(path.join(draft, path.basename(file)), file)
    const { database, config, sums, publicFiles, privateFiles } = wanted
    return { database, config, sums, ...(options.withFiles ? { publicFiles, privateFiles } : {}) }
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** What a backup of the site that was killed has left. */
async function removeDrafts(folder: string, draft: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.length === draft.length + 6 && name.startsWith(draft))
      await rm(path.join(folder, name), { recursive: true, force: true })
}

/** The database first: files that came later do no harm, files that are missing would. @returns their checksums */
async function makeParts(
  site: Site,
  draft: string,
  names: BackupNames,
  { withFiles, compress, progress = () => undefined }: BackupOptions,
): Promise<Map<string, string>> {
  const sums = new Map<string, string>()
  const at = (file: string): string => path.join(draft, path.basename(file))
  const dump = site.database.kind === 'mariadb' ? dumpMariaDb : copySqlite
  sums.set(names.database, await dump(site, at(names.database), progress))
  await copyFile(path.join(site.path, 'site_config.json'), at(names.config))
  await chmod(at(names.config), 0o600)
  sums.set(names.config, await writeHashed(`${at(names.config)}.hashed`, createReadStream(at(names.config))))
  await rename(`${at(names.config)}.hashed`, at(names.config))
  if (withFiles)
    for (const [file, part] of [
      [names.publicFiles, 'public/files'],
      [names.privateFiles, 'private/files'],
    ] as const) {
      progress(part, 0, 1)
      sums.set(file, await packFiles(site.path, part, at(file), compress ?? false))
      progress(part, 1, 1)
    }
  const lines = [...sums].map(([file, sum]) => `${sum}  ${path.basename(file)}\n`)
  await writeFile(at(names.sums), lines.join(''), { mode: 0o600 })
  return sums
}

async function dumpMariaDb(site: Site, file: string, progress: Progress): Promise<string> {
  const connection = await connectDatabase(databaseConfig(site.config, site.path))
  try {
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
    const head = {
      format: 1,
      site: site.name,
      taken: site.clock.now(),
      apps: Object.fromEntries(
        site.registry.apps.map(({ definition, version }) => [definition.name, version]),
      ),
    }
    const sql = sqlOf(connection, head, (done, total) => progress('database', done, total))
    return await writeHashed(file, Readable.from(sql, { objectMode: false }), createGzip())
  } finally {
    await connection.end()
  }
}

/** VACUUM INTO reads one state of the database, while others write. */
async function copySqlite(site: Site, file: string, progress: Progress): Promise<string> {
  const copy = `${file}.copy`
  progress('database', 0, 2)
  await writeFile(copy, '', { mode: 0o600 })
  vacuumInto(databaseConfig(site.config, site.path).db_name, copy)
  progress('database', 1, 2)
  const sum = await writeHashed(file, createReadStream(copy), createGzip())
  await rm(copy)
  progress('database', 2, 2)
  return sum
}
