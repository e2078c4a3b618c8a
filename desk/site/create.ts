import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { createDatabase } from '../db/index.ts'
import { ADMINISTRATOR, GUEST } from '../permissions/roles.ts'
import type { Bench } from './bench-folder.ts'
import { writeJson, type SiteConfig } from './config.ts'
import {
  createMariaDbDatabase,
  dropMariaDbDatabase,
  type MariaDbLogin,
  type MariaDbRoot,
} from './mariadb-admin.ts'
import { migrate } from './migrate.ts'
import { noteFixtures } from './fixtures.ts'
import { databaseConfig, loadApps, loadDesk } from './open.ts'
import { checkPasswordLength, setPassword } from './passwords.ts'
import { Site, type Log } from './site.ts'
import type { LoadedApp } from './apps.ts'

export interface NewSiteOptions {
  adminPassword: string
  dbType?: 'sqlite' | 'mariadb'
  /** Where the MariaDB server is and who may create databases there. */
  root?: MariaDbRoot
  /** What the site's own MariaDB database and login are called. */
  login?: MariaDbLogin
  apps?: readonly string[]
  /** Replaces a site of the same name, with its data. */
  force?: boolean
  timeZone?: string
  log: Log
}

const SITE_NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/

/** @throws where a site cannot be called so; `all` stands for every site of a bench */
export function checkSiteName(name: string): void {
  if (!SITE_NAME.test(name) || name === 'all')
    throw new Error(`"${name}" cannot be a site's name: use small letters, digits, dots and hyphens.`)
}

/** Makes a site: folder, config, database, tables, Administrator, apps. If a step fails nothing of it stays. */
export async function createSite(bench: Bench, name: string, options: NewSiteOptions): Promise<void> {
  checkSiteName(name)
  checkPasswordLength(options.adminPassword)
  const apps = await loadApps(bench, options.apps ?? [])
  const sitePath = bench.sitePath(name)
  if (existsSync(sitePath)) {
    if (!existsSync(bench.siteConfigFile(name))) {
      throw new Error(
        `${sitePath} is in the way and is no site: it has no site_config.json. Move it away first.`,
      )
    }
    if (!options.force)
      throw new Error(`The site ${name} exists already. "--force" replaces it and its data.`)
    await dropSite(bench, name, options.root)
  }
  const undo: (() => Promise<void>)[] = []
  try {
    await makeFolder(name, sitePath)
    undo.push(() => rm(sitePath, { recursive: true, force: true }))
    for (const folder of ['public/files', 'private/files', 'private/backups', 'locks', 'logs']) {
      await mkdir(path.join(sitePath, folder), { recursive: true })
    }
    const config = await newConfig(options, undo)
    await writeJson(bench.siteConfigFile(name), config)
    await fillDatabase(bench, name, config, { ...options, apps })
  } catch (error) {
    for (const step of undo.reverse()) {
      await step().catch((left: unknown) => {
        options.log.warn({ err: left }, `Something of ${name} could not be removed again`)
      })
    }
    throw error
  }
}

/** Of two commands that make the same site, one gets the folder. */
async function makeFolder(name: string, sitePath: string): Promise<void> {
  await mkdir(path.dirname(sitePath), { recursive: true })
  try {
    await mkdir(sitePath)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new Error(`The site ${name} is being made by another command.`, { cause: error })
  }
}

async function newConfig(options: NewSiteOptions, undo: (() => Promise<void>)[]): Promise<SiteConfig> {
  const shared = {
    time_zone: options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    encryption_key: randomBytes(32).toString('base64'),
  }
  if (options.dbType !== 'mariadb') return { db_type: 'sqlite', db_name: 'site.db', ...shared }
  const { root } = options
  if (!root) throw new Error('MariaDB needs --db-root-username and --db-root-password.')
  const access = await createMariaDbDatabase(root, options.login)
  undo.push(() => dropMariaDbDatabase(root, access))
  return { db_type: 'mariadb', ...access, ...shared }
}

/** Makes desk's tables in an empty database, Administrator, and the apps. */
export async function fillDatabase(
  bench: Bench,
  name: string,
  config: SiteConfig,
  { adminPassword, log, apps }: { adminPassword: string; log: Log; apps: readonly LoadedApp[] },
): Promise<void> {
  const sitePath = bench.sitePath(name)
  const database = createDatabase(databaseConfig(config, sitePath))
  try {
    const site = new Site({
      name,
      path: sitePath,
      config,
      database,
      apps: [await loadDesk()],
      log,
    })
    await migrateWithUsers(site, adminPassword)
    let current = site
    for (const app of apps) current = await installApp(current, app)
  } finally {
    await database.close()
  }
}

/** The first migrate of a site, with the two users that every site has. */
export async function migrateWithUsers(site: Site, adminPassword: string): Promise<void> {
  await migrate(site)
  await site.asAdministrator(async (ctx) => {
    const now = ctx.now()
    const common = {
      owner: ADMINISTRATOR,
      modified_by: ADMINISTRATOR,
      creation: now,
      modified: now,
      enabled: 1,
    }
    const administrator = {
      name: ADMINISTRATOR,
      email: 'admin@example.com',
      first_name: ADMINISTRATOR,
      full_name: ADMINISTRATOR,
    }
    const guest = { name: GUEST, email: 'guest@example.com', first_name: GUEST, full_name: GUEST }
    await ctx.db('tabUser').insert([
      { ...common, ...administrator, user_type: 'System User' },
      { ...common, ...guest, user_type: 'Website User' },
    ])
    await setPassword(ctx, ADMINISTRATOR, adminPassword)
  })
}

/**
 * Installs an app into a site: before_install, its tables, then fixtures and after_install at one stroke. What of its
 * fixtures the site had already is noted, so that it stays when the app goes.
 * @returns the site with the app
 */
export async function installApp(site: Site, app: LoadedApp): Promise<Site> {
  const { name, path: sitePath, config, database, log, registry } = site
  const withApp = new Site({ name, path: sitePath, config, database, apps: [...registry.apps, app], log })
  if (app.definition.before_install) await site.asAdministrator(app.definition.before_install)
  await noteFixtures(withApp)
  await migrate(withApp)
  return withApp
}

/** Removes a site's folder and, given a root login, its MariaDB database. */
export async function dropSite(bench: Bench, name: string, root?: MariaDbRoot): Promise<void> {
  const config = await bench.siteConfig(name)
  if (config.db_type === 'mariadb' && config.db_name) {
    if (!root)
      throw new Error(
        `Dropping ${name} also drops its database: give --db-root-username and --db-root-password.`,
      )
    await dropMariaDbDatabase(atServerOf(config, root), config)
  }
  await rm(bench.sitePath(name), { recursive: true, force: true })
  await bench.forgetSite(name)
}

/** A root login for the server that the site's config names, unless it names one itself. */
function atServerOf({ db_host, db_port, db_socket }: SiteConfig, root: MariaDbRoot): MariaDbRoot {
  if (root.socket !== undefined || root.host !== undefined || root.port !== undefined) return root
  return {
    ...root,
    ...(db_host === undefined ? {} : { host: db_host }),
    ...(db_port === undefined ? {} : { port: db_port }),
    ...(db_socket === undefined ? {} : { socket: db_socket }),
  }
}
