import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readConfig, writeJson, type SiteConfig } from './config.ts'

/**
 * A bench: `apps/`, `sites/{apps.txt,apps.json,common_site_config.json}` and one folder a site. Frappe's layout,
 * so that those who know it find their way.
 */
export class Bench {
  readonly path: string

  constructor(folder: string) {
    this.path = path.resolve(folder)
  }

  /** @throws where the folder is not a bench */
  static open(folder: string): Bench {
    const bench = new Bench(folder)
    if (!existsSync(bench.commonConfigFile)) {
      throw new Error(`${bench.path} is not a bench. Make one with "bench init DIR", or go into one.`)
    }
    return bench
  }

  get sites(): string {
    return path.join(this.path, 'sites')
  }

  get commonConfigFile(): string {
    return path.join(this.sites, 'common_site_config.json')
  }

  sitePath(site: string): string {
    return path.join(this.sites, site)
  }

  siteConfigFile(site: string): string {
    return path.join(this.sitePath(site), 'site_config.json')
  }

  /** Makes the folders; what is there stays as it is. */
  async init(): Promise<void> {
    for (const folder of ['apps', 'config', 'logs', 'sites/assets']) {
      await mkdir(path.join(this.path, folder), { recursive: true })
    }
    if (!existsSync(this.commonConfigFile)) await writeJson(this.commonConfigFile, { webserver_port: 8000 })
    if (!existsSync(this.#appsFile)) await this.#writeApps({})
  }

  /** The apps got by `get-app`, with their folders, in the order they came. */
  async apps(): Promise<ReadonlyMap<string, string>> {
    const text = existsSync(this.#appsFile) ? await readFile(this.#appsFile, 'utf8') : '{}'
    const entries = Object.entries(JSON.parse(text) as Record<string, { path: string }>)
    return new Map(entries.map(([name, app]) => [name, path.resolve(this.path, app.path)]))
  }

  async addApp(name: string, folder: string): Promise<void> {
    const apps = new Map(await this.apps()).set(name, folder)
    await this.#writeApps(
      Object.fromEntries([...apps].map(([key, value]) => [key, { path: this.#relative(value) }])),
    )
  }

  /** Inside the bench relative, so that the bench can be moved; outside as it is. */
  #relative(folder: string): string {
    const relative = path.relative(this.path, folder)
    return relative.startsWith('..') ? folder : relative
  }

  get #appsFile(): string {
    return path.join(this.sites, 'apps.json')
  }

  async #writeApps(apps: Record<string, { path: string }>): Promise<void> {
    await writeJson(this.#appsFile, apps)
    await writeFile(
      path.join(this.sites, 'apps.txt'),
      Object.keys(apps)
        .map((name) => `${name}\n`)
        .join(''),
    )
  }

  /** Names of the sites that the bench has. */
  async siteNames(): Promise<string[]> {
    const entries = await readdir(this.sites, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory() && existsSync(this.siteConfigFile(entry.name)))
      .map((entry) => entry.name)
      .sort()
  }

  /** A site's settings over the bench's common ones. @throws where there is no such site */
  async siteConfig(site: string): Promise<SiteConfig> {
    if (site === 'all') throw new Error('This works on one site at a time: name it, "bench --site NAME …".')
    if (!existsSync(this.siteConfigFile(site))) {
      throw new Error(`There is no site ${site} in ${this.path}. Make it with "bench new-site ${site}".`)
    }
    return { ...(await readConfig(this.commonConfigFile)), ...(await readConfig(this.siteConfigFile(site))) }
  }

  /** @param site chosen by flag; else FRAPPE_SITE, `default_site`, sites/currentsite.txt, or the only one there is */
  async chooseSite(site?: string): Promise<string> {
    const chosen = site ?? process.env.FRAPPE_SITE ?? (await readConfig(this.commonConfigFile)).default_site
    if (chosen) return chosen
    const current = path.join(this.sites, 'currentsite.txt')
    const named = existsSync(current) ? (await readFile(current, 'utf8')).trim() : ''
    if (named) return named
    const [only, ...others] = await this.siteNames()
    if (only === undefined)
      throw new Error('This bench has no site yet. Make one with "bench new-site NAME".')
    if (others.length === 0) return only
    throw new Error('Say which site: "bench --site NAME …", or choose one for good with "bench use NAME".')
  }

  async useSite(site: string): Promise<void> {
    await this.siteConfig(site)
    await writeFile(path.join(this.sites, 'currentsite.txt'), `${site}\n`)
    const common = await readConfig(this.commonConfigFile)
    await writeJson(this.commonConfigFile, { ...common, default_site: site })
  }

  /** Commands no longer work on this site, where they did. */
  async forgetSite(site: string): Promise<void> {
    const current = path.join(this.sites, 'currentsite.txt')
    if (existsSync(current) && (await readFile(current, 'utf8')).trim() === site) await rm(current)
    const { default_site, ...common } = await readConfig(this.commonConfigFile)
    if (default_site === site) await writeJson(this.commonConfigFile, common)
  }
}
