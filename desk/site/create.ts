import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { createDatabase } from '../db/index.ts'
import { ADMINISTRATOR, GUEST } from '../permissions/roles.ts'
import type { Bench } from './bench-folder.ts'
import { writeJson, type SiteConfig } from './config.ts'
import { createMariaDbDatabase, dropMariaDbDatabase, type MariaDbRoot } from './mariadb-admin.ts'
import { migrate } from './migrate.ts'
import { databaseConfig, loadApps, loadDesk } from './open.ts'
import { checkPasswordLength, setPassword } from './passwords.ts'
import { Site, type Log } from './site.ts'
import type { LoadedApp } from './apps.ts'

export interface NewSiteOptions {
  adminPassword: string
  dbType?: 'sqlite' | 'mariadb'
  /** Where the MariaDB server is and who may create databases there. */
  root?: MariaDbRoot
  dbName?: string
  apps?: readonly string[]
  /** Replaces a site of the same name, with its data. */
  force?: boolean
  timeZone?: string
  log: Log
}

const SITE_NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/

/** Makes a site: folder, config, database, tables, Administrator, apps. If a step fails nothing of it stays. */
export async function createSite(bench: Bench, name: string, options: NewSiteOptions): Promise<void> {
  if (!SITE_NAME.test(name)) {
    throw new Error(`"${name}" cannot be a site's name: use small letters, digits, dots and hyphens.`)
  }
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
    await mkdir(sitePath, { recursive: true })
    undo.push(() => rm(sitePath, { recursive: true, force: true }))
    for (const folder of ['public/files', 'private/files', 'private/backups', 'locks', 'logs']) {
      await mkdir(path.join(sitePath, folder), { recursive: true })
    }
    const config = await newConfig(name, options, undo)
    await writeJson(bench.siteConfigFile(name), config)
    await fillDatabase(bench, name, config, options, apps)
  } catch (error) {
    for (const step of undo.reverse()) {
      await step().catch((left: unknown) => {
        options.log.warn({ err: left }, `Something of ${name} could not be removed again`)
      })
    }
    throw error
  }
}

async function newConfig(
  name: string,
  options: NewSiteOptions,
  undo: (() => Promise<void>)[],
): Promise<SiteConfig> {
  const shared = {
    time_zone: options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    encryption_key: randomBytes(32).toString('base64'),
  }
  if (options.dbType !== 'mariadb') return { db_type: 'sqlite', db_name: 'site.db', ...shared }
  const { root } = options
  if (!root) throw new Error('MariaDB needs --db-root-username and --db-root-password.')
  const dbName = options.dbName ?? `_${randomBytes(8).toString('hex')}`
  const access = await createMariaDbDatabase(root, dbName)
  undo.push(() => dropMariaDbDatabase(root, dbName))
  return { db_type: 'mariadb', ...access, ...shared }
}

async function fillDatabase(
  bench: Bench,
  name: string,
  config: SiteConfig,
  options: NewSiteOptions,
  apps: readonly LoadedApp[],
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
      log: options.log,
    })
    await migrateWithUsers(site, options.adminPassword)
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

/** Installs an app into a site: its tables, then fixtures and after_install at one stroke. @returns the site with the app */
export async function installApp(site: Site, app: LoadedApp): Promise<Site> {
  const { name, path: sitePath, config, database, log, registry } = site
  const withApp = new Site({ name, path: sitePath, config, database, apps: [...registry.apps, app], log })
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
    await dropMariaDbDatabase(root, config.db_name)
  }
  await rm(bench.sitePath(name), { recursive: true, force: true })
}
