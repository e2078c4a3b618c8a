import path from 'node:path'
import { createDatabase, SchemaOutdatedError, type Database, type DatabaseConfig } from '../db/index.ts'
import { hasJournal } from '../backup/journal.ts'
import { loadApp, type LoadedApp } from './apps.ts'
import type { Bench } from './bench-folder.ts'
import type { SiteConfig } from './config.ts'
import { deskRoot } from './desk-root.ts'
import { isUpToDate } from './migrate.ts'
import { Site, type Log } from './site.ts'

let deskApp: Promise<LoadedApp> | undefined
/** desk as the first app of every site. */
export function loadDesk(): Promise<LoadedApp> {
  deskApp ??= loadApp(deskRoot)
  return deskApp
}

/** The database settings of a site's config; an SQLite file lies in the site's folder. */
export function databaseConfig(config: SiteConfig, sitePath: string): DatabaseConfig {
  if (config.db_type !== 'mariadb') {
    return { db_type: 'sqlite', db_name: path.resolve(sitePath, config.db_name ?? 'site.db') }
  }
  const { db_name, db_host, db_port, db_socket, db_user, db_password } = config
  if (!db_name) throw new Error(`${sitePath}/site_config.json: db_name is missing.`)
  return {
    db_type: 'mariadb',
    db_name,
    db_user: db_user ?? db_name,
    ...(db_host ? { db_host } : {}),
    ...(db_port ? { db_port } : {}),
    ...(db_socket ? { db_socket } : {}),
    ...(db_password ? { db_password } : {}),
  }
}

/** The apps of a bench, by name; desk is among them. @throws for a name that `get-app` has not brought */
export async function loadApps(bench: Bench, names: readonly string[]): Promise<LoadedApp[]> {
  const folders = await bench.apps()
  const loaded: LoadedApp[] = []
  for (const name of names) {
    if (name === 'desk') {
      loaded.push(await loadDesk())
      continue
    }
    const folder = folders.get(name)
    if (!folder)
      throw new Error(`The app ${name} is not in this bench. Bring it with "bench get-app FOLDER".`)
    loaded.push(await loadApp(folder))
  }
  return loaded
}

/** Names of the apps that a site has installed, desk first. */
export async function installedApps(database: Database): Promise<string[]> {
  const rows = await database
    .reader('tabInstalled Application')
    .orderBy(['creation', 'name'])
    .pluck<string[]>('app_name')
  return ['desk', ...rows.filter((name) => name !== 'desk')]
}

async function appsOf(site: string, database: Database): Promise<string[]> {
  try {
    return await installedApps(database)
  } catch (error) {
    if (!(error instanceof SchemaOutdatedError)) throw error
    throw new Error(
      `The database of ${site} holds no site. Check db_name in its site_config.json, or make the site anew: bench new-site ${site} --force.`,
      { cause: error },
    )
  }
}

export interface OpenOptions {
  log: Log
  /** Open a site whose database is older than its apps, for `migrate`. */
  evenIfOutdated?: boolean
}

/** Opens a site of a bench with its apps. @throws with what to check or run */
export async function openSite(
  bench: Bench,
  name: string,
  { log, evenIfOutdated }: OpenOptions,
): Promise<Site> {
  const sitePath = bench.sitePath(name)
  let config = await bench.siteConfig(name)
  if (hasJournal(sitePath)) {
    // Rarely needed: commands start sooner without it.
    const { settleKilledRestore } = await import('../backup/settle.ts')
    await settleKilledRestore(sitePath, databaseConfig(config, sitePath))
    config = await bench.siteConfig(name)
  }
  const database = createDatabase(databaseConfig(config, sitePath))
  try {
    await database.ping()
    const apps = await loadApps(bench, await appsOf(name, database))
    const site = new Site({ name, path: sitePath, config, database, apps, log })
    if (!evenIfOutdated && !(await isUpToDate(site))) {
      throw new Error(
        `The database of ${name} is not at the apps' version. Run "bench --site ${name} migrate".`,
      )
    }
    return site
  } catch (error) {
    await database.close()
    throw error
  }
}
