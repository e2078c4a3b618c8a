import { backupSite, type Backup } from '../backup/backup.ts'
import { restoreSite } from '../backup/restore.ts'
import { refuseWhileServed, withSiteLock } from '../site/site-lock.ts'
import path from 'node:path'
import type { Command, Input } from './command.ts'
import { consoleLog } from './console-log.ts'
import { findBench } from './find-bench.ts'
import { withProgress } from './progress.ts'
import { withLockedSites } from './with-site.ts'

export const backupCommands: readonly Command[] = [
  {
    name: 'backup',
    group: 'Backups',
    summary: 'Save the database of a site, its config and, if wished, its files',
    details:
      'The site may be in use: the backup is its state at one moment. Older backups stay; what is written is readable by its owner only, and holds passwords and keys. "--site all" takes every site of the bench.',
    options: [
      { flag: 'with-files', help: 'Uploaded files, too' },
      { flag: 'compress', help: 'Gzip the archives of files (the database always is)' },
      {
        flag: 'backup-path',
        value: 'FOLDER',
        help: "Where to (else the site's private/backups)",
        complete: 'folder',
      },
    ],
    examples: ['bench backup --with-files', 'bench --site all backup --backup-path /mnt/backups'],
    run: backup,
  },
  {
    name: 'restore',
    group: 'Backups',
    summary: "Put a backup in the place of a site's database",
    details:
      'The backup is read, checked and loaded beside the site, and takes its place at the end: if it cannot be used, the site stays as it was. Files stay as they are unless archives of them are given. The site must not be served meanwhile.',
    args: [{ name: 'FILE', complete: 'file' }],
    options: [
      { flag: 'with-public-files', value: 'FILE', help: 'Archive of the public files', complete: 'file' },
      { flag: 'with-private-files', value: 'FILE', help: 'Archive of the private files', complete: 'file' },
      {
        flag: 'admin-password',
        value: 'PASSWORD',
        help: "Administrator's password from then on (else that of the backup)",
        env: 'ADMIN_PASSWORD',
      },
      { flag: 'force', help: "Also if the backup's apps are newer than the bench's, or not in it" },
      { flag: 'db-root-username', value: 'USER', help: "Not needed: the site's own login is enough" },
      { flag: 'db-root-password', value: 'PASSWORD', help: 'Not needed' },
    ],
    examples: [
      'bench restore 20260301_120000-shop-database.sql.gz \\',
      '    --with-public-files 20260301_120000-shop-files.tar \\',
      '    --with-private-files 20260301_120000-shop-private-files.tar',
    ],
    run: restore,
  },
]

async function backup(input: Input): Promise<void> {
  const folder = input.text('backup-path')
  await withLockedSites(
    input,
    'backup',
    async (site) => {
      const made = await withProgress((progress) =>
        backupSite(site, {
          withFiles: input.has('with-files'),
          compress: input.has('compress'),
          ...(folder === undefined ? {} : { folder: path.resolve(folder) }),
          progress,
        }),
      )
      tellBackup(made)
    },
    { evenIfOutdated: true, skipFailing: true },
  )
}

export function tellBackup({ database, config, publicFiles, privateFiles }: Backup): void {
  console.log(`Database:      ${database}`)
  console.log(`Config:        ${config}`)
  if (publicFiles !== undefined) console.log(`Public files:  ${publicFiles}`)
  if (privateFiles !== undefined) console.log(`Private files: ${privateFiles}`)
}

async function restore(input: Input): Promise<void> {
  const bench = findBench()
  const name = await bench.chooseSite(input.site)
  await bench.siteConfig(name)
  const folder = bench.sitePath(name)
  const publicFiles = input.text('with-public-files')
  const privateFiles = input.text('with-private-files')
  const adminPassword = input.text('admin-password')
  const { notes } = await withSiteLock(folder, 'restore', () => {
    refuseWhileServed(folder, 'restore')
    return withProgress((progress) =>
      restoreSite(bench, name, path.resolve(input.arg()), {
        ...(publicFiles === undefined ? {} : { publicFiles: path.resolve(publicFiles) }),
        ...(privateFiles === undefined ? {} : { privateFiles: path.resolve(privateFiles) }),
        ...(adminPassword === undefined ? {} : { adminPassword }),
        force: input.has('force'),
        progress,
        log: consoleLog,
      }),
    )
  })
  console.log(`${name} is restored.`)
  for (const note of notes) console.log(note)
}
