import { backupSite } from '../backup/backup.ts'
import { describe } from '../schema/index.ts'
import { checkSiteName, createSite, dropSite } from '../site/create.ts'
import { noteFixtures } from '../site/fixtures.ts'
import type { MariaDbRoot } from '../site/mariadb-admin.ts'
import { migrate, planMigration } from '../site/migrate.ts'
import { openSite } from '../site/open.ts'
import { reinstallSite } from '../site/reinstall.ts'
import { refuseWhileServed, withSiteLock } from '../site/site-lock.ts'
import type { Site } from '../site/site.ts'
import { askSecret, confirm } from './ask.ts'
import type { Command, Input, OptionSpec } from './command.ts'
import { consoleLog } from './console-log.ts'
import { findBench } from './find-bench.ts'
import { tellBackup } from './backup-commands.ts'
import { withProgress } from './progress.ts'
import { withLockedSite, withLockedSites } from './with-site.ts'

/** A MariaDB login that may create and drop databases. */
export const rootOptions: readonly OptionSpec[] = [
  { flag: 'db-host', value: 'HOST', help: 'MariaDB server (else 127.0.0.1)' },
  { flag: 'db-port', value: 'PORT', help: 'MariaDB port (else 3306)' },
  { flag: 'db-socket', value: 'PATH', help: 'MariaDB by its Unix socket', complete: 'file' },
  {
    flag: 'db-root-username',
    value: 'USER',
    help: 'A MariaDB login that may create databases and users',
    env: 'DB_ROOT_USERNAME',
    preset: 'root',
  },
  { flag: 'db-root-password', value: 'PASSWORD', help: 'Its password', env: 'DB_ROOT_PASSWORD' },
]

const adminPassword: OptionSpec = {
  flag: 'admin-password',
  value: 'PASSWORD',
  help: "Administrator's password; asked for unless it is given",
  env: 'ADMIN_PASSWORD',
}

export const siteCommands: readonly Command[] = [
  {
    name: 'new-site',
    group: 'Sites',
    summary: 'Make a site, with Administrator as its first user',
    details:
      'On MariaDB this makes a database, and a user who may work in this database only. If a step fails, nothing of the site stays.',
    args: [{ name: 'SITE' }],
    options: [
      {
        flag: 'db-type',
        value: 'TYPE',
        help: 'sqlite or mariadb',
        preset: 'sqlite',
        complete: ['sqlite', 'mariadb'],
      },
      adminPassword,
      { flag: 'install-app', value: 'APP', help: 'Install this app', many: true, complete: 'app' },
      { flag: 'set-default', help: 'Commands work on this site from now on' },
      { flag: 'force', help: 'Replace a site of this name, with its data' },
      ...rootOptions,
      { flag: 'db-name', value: 'NAME', help: 'Name of the database (else a random one)' },
      { flag: 'db-user', value: 'USER', help: "The site's own MariaDB user (else called like the database)" },
      {
        flag: 'db-password',
        value: 'PASSWORD',
        help: 'Its password (else a random one)',
        env: 'DB_PASSWORD',
      },
      {
        flag: 'mariadb-user-host-login-scope',
        value: 'HOST',
        help: 'From where that user may log in (else this machine if the server is on it, % if not)',
      },
    ],
    examples: [
      'bench new-site shop.localhost --set-default',
      'bench new-site shop.example --db-type mariadb \\',
      '    --db-socket /run/mysqld/mysqld.sock --install-app f_chat',
    ],
    run: newSite,
  },
  {
    name: 'drop-site',
    group: 'Sites',
    summary: 'Delete a site with its database, files and backups',
    details: 'A person is asked first; a script is taken at its word.',
    args: [{ name: 'SITE', complete: 'site' }],
    options: [
      { flag: 'yes', short: 'y', help: 'Do not ask' },
      { flag: 'force', help: 'The same, and also while the site is being served' },
      {
        flag: 'archive',
        value: 'FOLDER',
        help: 'First back up the site, with its files, into this folder',
        complete: 'folder',
      },
      ...rootOptions,
    ],
    examples: ['bench drop-site old.localhost --archive ~/archive'],
    run: dropSiteCommand,
  },
  {
    name: 'reinstall',
    group: 'Sites',
    summary: 'Empty a site: the same apps, no data, no files',
    details: 'Backs the database up first.',
    options: [
      { flag: 'yes', short: 'y', help: 'Do not ask' },
      adminPassword,
      { flag: 'no-backup', help: 'Without a backup' },
    ],
    examples: ['bench --site test.localhost reinstall --yes --admin-password admin'],
    run: reinstall,
  },
  {
    name: 'migrate',
    group: 'Sites',
    summary: 'Bring the database of a site to what its apps need',
    details:
      'Nothing is dropped, and running it twice does no harm. "--site all" takes every site of the bench.',
    options: [
      { flag: 'dry-run', help: 'Only say what would be done' },
      { flag: 'skip-failing', help: 'With --site all: go on with the next site, and fail at the end' },
    ],
    examples: ['bench migrate --dry-run', 'bench --site all migrate'],
    run: migrateCommand,
  },
  {
    name: 'use',
    group: 'Sites',
    summary: 'Choose the site that commands work on',
    args: [{ name: 'SITE', complete: 'site' }],
    run: async (input) => {
      await findBench().useSite(input.arg())
      console.log(`Commands now work on ${input.arg()}.`)
    },
  },
]

async function newSite(input: Input): Promise<void> {
  const bench = findBench()
  const site = input.arg()
  const dbType = input.text('db-type') === 'mariadb' ? 'mariadb' : 'sqlite'
  // Before anybody types a password for nothing.
  checkSiteName(site)
  const password =
    input.text('admin-password') ?? (await askSecret(`Password for Administrator of ${site}: `))
  const root = dbType === 'mariadb' ? rootLogin(input) : undefined
  const login = {
    name: input.text('db-name'),
    user: input.text('db-user'),
    password: input.text('db-password'),
    from: input.text('mariadb-user-host-login-scope'),
  }
  await createSite(bench, site, {
    adminPassword: password,
    dbType,
    apps: input.list('install-app'),
    force: input.has('force'),
    log: consoleLog,
    ...(root ? { root } : {}),
    login: Object.fromEntries(Object.entries(login).filter(([, value]) => value !== undefined)),
  })
  if (input.has('set-default')) await bench.useSite(site)
  console.log(`The site ${site} is ready.`)
}

/** With a socket the server may know us without a password. */
export function rootLogin(input: Input): MariaDbRoot | undefined {
  const password = input.text('db-root-password')
  const socket = input.text('db-socket')
  if (password === undefined && socket === undefined) return undefined
  const host = input.text('db-host')
  const port = input.wholeNumber('db-port')
  return {
    user: input.text('db-root-username') ?? 'root',
    password: password ?? '',
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(socket === undefined ? {} : { socket }),
  }
}

async function dropSiteCommand(input: Input): Promise<void> {
  const bench = findBench()
  const name = input.arg()
  await bench.siteConfig(name)
  const folder = bench.sitePath(name)
  if (!input.has('force')) refuseWhileServed(folder, `drop-site ${name}`)
  if (!input.has('yes') && !input.has('force') && process.stdin.isTTY)
    await confirm(`This deletes ${name} with all its data and backups.`)
  const archive = input.text('archive')
  await withSiteLock(folder, 'drop-site', async () => {
    if (!input.has('force')) refuseWhileServed(folder, `drop-site ${name}`)
    if (archive !== undefined) {
      const site = await openSite(bench, name, { log: consoleLog, evenIfOutdated: true })
      try {
        await backUp(site, { withFiles: true, compress: true, folder: archive })
      } finally {
        await site.close()
      }
    }
    await dropSite(bench, name, rootLogin(input))
  })
  console.log(`${name} is gone.`)
}

async function reinstall(input: Input): Promise<void> {
  const bench = findBench()
  const name = await bench.chooseSite(input.site)
  await bench.siteConfig(name)
  refuseWhileServed(bench.sitePath(name), 'reinstall')
  if (!input.has('yes')) await confirm(`This deletes all data and files of ${name}.`)
  const password =
    input.text('admin-password') ?? (await askSecret(`New password for Administrator of ${name}: `))
  await withLockedSite(
    input,
    'reinstall',
    async (site) => {
      refuseWhileServed(site.path, 'reinstall')
      if (!input.has('no-backup')) await backUp(site, { withFiles: true, compress: true })
      await reinstallSite(bench, site, password)
    },
    { evenIfOutdated: true },
  )
  console.log(`${name} is as new.`)
}

/** Before something that cannot be undone. */
export async function backUp(
  site: Site,
  options: { withFiles?: boolean; compress?: boolean; folder?: string } = {},
): Promise<void> {
  tellBackup(await withProgress((progress) => backupSite(site, { ...options, progress })))
}

async function migrateCommand(input: Input): Promise<void> {
  await withLockedSites(
    input,
    'migrate',
    async (site) => {
      if (input.has('dry-run')) {
        const plan = await planMigration(site)
        console.log(plan.length === 0 ? 'Nothing to do.' : plan.map(describe).join('\n'))
        return
      }
      await noteFixtures(site)
      const { applied, reverted } = await withProgress((progress) => migrate(site, progress))
      for (const change of applied) console.log(describe(change))
      for (const { reason } of reverted) console.log(`Left as it was: ${reason}`)
      console.log(`${site.name} is up to date.`)
    },
    { evenIfOutdated: true, skipFailing: input.has('skip-failing') },
  )
}
