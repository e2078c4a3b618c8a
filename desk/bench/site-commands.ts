import type { CAC } from 'cac'
import { describe } from '../schema/index.ts'
import { createSite, dropSite } from '../site/create.ts'
import type { MariaDbRoot } from '../site/mariadb-admin.ts'
import { migrate, planMigration } from '../site/migrate.ts'
import { askSecret } from './ask.ts'
import { consoleLog } from './console-log.ts'
import { findBench } from './find-bench.ts'
import { textOption } from './text-option.ts'
import { withSite, type SiteOption } from './with-site.ts'

interface DatabaseOptions {
  dbType?: string
  dbHost?: string
  dbPort?: number
  dbSocket?: string
  dbName?: string | number
  dbRootUsername?: string
}

interface NewSiteFlags extends DatabaseOptions {
  installApp?: string | string[]
  setDefault?: boolean
  force?: boolean
}

export function siteCommands(cli: CAC): void {
  databaseOptions(
    cli.command('new-site <site>', "Make a site; asks for the administrator's password unless it is given"),
  )
    .option('--admin-password <password>', "Administrator's password")
    .option('--install-app <app>', 'Install this app; may be given several times')
    .option('--set-default', 'Commands work on this site from now on')
    .option('--force', 'Replace a site of this name, with its data')
    .action(newSite)

  databaseOptions(cli.command('drop-site <site>', 'Delete a site with its database and files')).action(
    async (site: string, flags: DatabaseOptions) => {
      await dropSite(findBench(), site, rootLogin(flags))
      console.log(`${site} is gone.`)
    },
  )

  cli
    .command('migrate', 'Bring the database of a site to what its apps need')
    .option('--dry-run', 'Only say what would be done')
    .action(async (flags: SiteOption & { dryRun?: boolean }) => {
      await withSite(
        flags,
        async (site) => {
          if (flags.dryRun) {
            const plan = await planMigration(site)
            console.log(plan.length === 0 ? 'Nothing to do.' : plan.map(describe).join('\n'))
            return
          }
          const { applied, reverted } = await migrate(site)
          for (const change of applied) console.log(describe(change))
          for (const { reason } of reverted) console.log(`Left as it was: ${reason}`)
          console.log(`${site.name} is up to date.`)
        },
        { evenIfOutdated: true },
      )
    })
}

function databaseOptions(command: ReturnType<CAC['command']>): ReturnType<CAC['command']> {
  return command
    .option('--db-type <type>', 'sqlite or mariadb', { default: 'sqlite' })
    .option('--db-host <host>', 'MariaDB server (default 127.0.0.1)')
    .option('--db-port <port>', 'MariaDB port (default 3306)')
    .option('--db-socket <path>', 'MariaDB by Unix socket')
    .option('--db-name <name>', 'Name of the database (default: a new random one)')
    .option('--db-root-username <user>', 'A MariaDB login that may create databases', { default: 'root' })
    .option('--db-root-password <password>', 'Its password')
}

async function newSite(site: string, flags: NewSiteFlags): Promise<void> {
  const bench = findBench()
  const dbType = flags.dbType ?? 'sqlite'
  if (dbType !== 'sqlite' && dbType !== 'mariadb')
    throw new Error(`--db-type is sqlite or mariadb, not "${dbType}".`)
  const adminPassword =
    textOption('--admin-password') ?? (await askSecret(`Password for Administrator of ${site}: `))
  const root = rootLogin(flags)
  await createSite(bench, site, {
    adminPassword,
    dbType,
    apps: [flags.installApp ?? []].flat(),
    force: flags.force ?? false,
    log: consoleLog,
    ...(dbType === 'mariadb' && root ? { root } : {}),
    ...(flags.dbName === undefined ? {} : { dbName: String(flags.dbName) }),
  })
  if (flags.setDefault) await bench.useSite(site)
  console.log(`The site ${site} is ready.`)
}

function rootLogin(flags: DatabaseOptions): MariaDbRoot | undefined {
  const password = textOption('--db-root-password')
  if (password === undefined && !flags.dbSocket) return undefined
  return {
    user: flags.dbRootUsername ?? 'root',
    password: password ?? '',
    ...(flags.dbHost ? { host: flags.dbHost } : {}),
    ...(flags.dbPort ? { port: flags.dbPort } : {}),
    ...(flags.dbSocket ? { socket: flags.dbSocket } : {}),
  }
}
