import { existsSync, readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { AppDefinition } from '../app.ts'
import { findInstalled } from '../bench/fetch-app.ts'
import { loadApp } from './apps.ts'
import { Bench } from './bench-folder.ts'
import { createSite, installApp } from './create.ts'
import { deskRoot } from './desk-root.ts'
import { isUpToDate, migrate } from './migrate.ts'
import { loadApps, openSite } from './open.ts'
import { withSiteLock } from './site-lock.ts'
import type { Log, Site } from './site.ts'

export interface EmbeddedSiteOptions {
  /** The bench: the folder that holds the site's config, database and files. */
  benchPath: string
  /** The site's name. */
  site: string
  /** What the site must have installed: apps (the default export of their hooks), packages by name, or folders. */
  apps?: readonly (AppDefinition | string)[]
  /** Makes the bench and a site on SQLite, with the apps, where there is none yet (default false). */
  create?: boolean
  /** Installs missing apps and migrates the site before it is served (default false). */
  migrate?: boolean
}

/**
 * Opens the site that an application embeds, after making or migrating it where that is asked for. The apps are
 * noted in the bench, so that its commands know them.
 * @throws with what is missing, and the option or command that brings it
 */
export async function openEmbedded(options: EmbeddedSiteOptions, log: Log): Promise<Site> {
  const { site: name } = options
  const bench = await openBench(options)
  const apps = await noteApps(bench, options.apps ?? [])
  if (!existsSync(bench.siteConfigFile(name))) {
    if (!options.create) throw new Error(`There is no site ${name} in ${bench.path}. ${HOW_TO_CREATE}`)
    await createSite(bench, name, { adminPassword: randomBytes(24).toString('hex'), apps, log })
  }
  if (options.migrate) await bringUpToDate(bench, name, apps, log)
  const site = await openSite(bench, name, { log })
  const missing = missingIn(site, apps)
  if (missing.length === 0) return site
  await site.close()
  throw new Error(
    `${name} does not have ${missing.join(', ')} installed. Run "bench --site ${name} install-app ${missing.join(' ')}", or register desk with migrate: true.`,
  )
}

const HOW_TO_CREATE = 'Register desk with create: true, or make it with "bench init" and "bench new-site".'

async function openBench({ benchPath, create }: EmbeddedSiteOptions): Promise<Bench> {
  const bench = new Bench(benchPath)
  if (existsSync(bench.commonConfigFile)) return bench
  if (!create) throw new Error(`${bench.path} is not a bench. ${HOW_TO_CREATE}`)
  await bench.init()
  return bench
}

const missingIn = (site: Site, apps: readonly string[]): string[] =>
  apps.filter((name) => !site.registry.apps.some(({ definition }) => definition.name === name))

async function bringUpToDate(bench: Bench, name: string, apps: readonly string[], log: Log): Promise<void> {
  const site = await openSite(bench, name, { log, evenIfOutdated: true })
  try {
    const missing = missingIn(site, apps)
    if (missing.length === 0 && (await isUpToDate(site))) return
    await withSiteLock(site.path, 'migrate', async () => {
      await migrate(site)
      let current = site
      for (const app of await loadApps(bench, missing)) current = await installApp(current, app)
    })
  } finally {
    await site.close()
  }
}

/** @returns the names of the apps */
async function noteApps(bench: Bench, apps: readonly (AppDefinition | string)[]): Promise<string[]> {
  const names: string[] = []
  for (const app of apps) {
    const folder = typeof app === 'string' ? folderOf(bench, app) : folderOf(bench, packageOf(app.name))
    const { definition } = await loadApp(folder)
    if (typeof app !== 'string' && app.name !== definition.name)
      throw new Error(
        `${folder} holds the app ${definition.name}, not ${app.name}. Give the folder of ${app.name}.`,
      )
    if ((await bench.apps()).get(definition.name) !== folder) await bench.addApp(definition.name, folder)
    names.push(definition.name)
  }
  return names
}

const packageOf = (app: string): string => app.replaceAll('_', '-')

/** A folder as it is given, or that of a package: where the application, desk or the bench would import it from. */
function folderOf(bench: Bench, app: string): string {
  if (path.isAbsolute(app) || app.startsWith('.')) return path.resolve(app)
  const main = process.argv[1]
  const places = [process.cwd(), ...(main === undefined ? [] : [path.dirname(main)]), deskRoot, bench.path]
  for (const place of places) {
    const folder = findInstalled(place, app) ?? itself(place, app)
    if (folder !== undefined) return folder
  }
  throw new Error(
    `The package ${app} is not installed where this application runs. Run "npm install ${app}", or give its folder.`,
  )
}

/** A package may hold the application itself, as a clone of it does. */
function itself(place: string, name: string): string | undefined {
  const file = path.join(place, 'package.json')
  if (existsSync(file)) {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { name?: string }
    if (manifest.name === name) return place
  }
  const parent = path.dirname(place)
  return parent === place ? undefined : itself(parent, name)
}
