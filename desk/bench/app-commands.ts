import { existsSync, realpathSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { CAC } from 'cac'
import { isBuilt } from '../build/freshness.ts'
import { loadApp } from '../site/apps.ts'
import type { Bench } from '../site/bench-folder.ts'
import { installApp } from '../site/create.ts'
import { loadApps } from '../site/open.ts'
import { findBench } from './find-bench.ts'
import { npm } from './npm.ts'
import { withSite, type SiteOption } from './with-site.ts'

export function appCommands(cli: CAC): void {
  cli
    .command(
      'get-app <source>',
      'Bring an app into the bench: a folder, a tarball, an npm name or a git address',
    )
    .action(async (source: string) => {
      const { buildApp, needsBuild } = await builder()
      const bench = findBench()
      const root = await fetchApp(bench, source)
      if (needsBuild(root) && !isBuilt(root)) await buildApp(root)
      const { definition, version } = await loadApp(root)
      await bench.addApp(definition.name, root)
      console.log(
        `${definition.title} ${version} is in the bench. Next: bench install-app ${definition.name}`,
      )
    })

  cli
    .command('install-app <...apps>', 'Install apps into a site')
    .action(async (names: string[], flags: SiteOption) => {
      await withSite(
        flags,
        async (site) => {
          let current = site
          for (const name of names) {
            if (site.registry.apps.some((app) => app.definition.name === name)) {
              console.log(`${name} is installed already.`)
              continue
            }
            const [app] = await loadApps(findBench(), [name])
            if (app) current = await installApp(current, app)
            console.log(`${name} is installed.`)
          }
        },
        { evenIfOutdated: true },
      )
    })

  cli
    .command('list-apps', "A site's apps, with their versions")
    .option('--format <format>', 'text or json', { default: 'text' })
    .action(async (flags: SiteOption & { format: string }) => {
      await withSite(flags, (site) => {
        const apps = site.registry.apps.map(({ definition, version }) => ({ name: definition.name, version }))
        if (flags.format === 'json')
          console.log(JSON.stringify({ [site.name]: apps.map(({ name }) => name) }))
        else for (const { name, version } of apps) console.log(`${name} ${version}`)
        return Promise.resolve()
      })
    })

  cli
    .command('build', 'Build the apps of the bench that are written in TypeScript')
    .option('--app <app>', 'Only this one')
    .action(async (flags: { app?: string }) => {
      const { buildApp, needsBuild } = await builder()
      const apps = await findBench().apps()
      if (flags.app && !apps.has(flags.app)) throw new Error(`The app ${flags.app} is not in this bench.`)
      for (const [name, root] of apps) {
        if ((flags.app && name !== flags.app) || !needsBuild(root)) continue
        await buildApp(root)
        console.log(`${name} is built.`)
      }
    })
}

/** Most commands build nothing: they start sooner without esbuild. */
const builder = () => import('../build/app.ts')

/** The app's folder: as given, as installed in the bench already, or as npm brings it. */
async function fetchApp(bench: Bench, source: string): Promise<string> {
  if (existsSync(source) && statSync(source).isDirectory()) return realpathSync(source)
  const installed = path.join(bench.path, 'node_modules', source)
  if (/^(@[\w.-]+\/)?[\w.-]+$/.test(source) && existsSync(path.join(installed, 'package.json')))
    return installed
  const spec = existsSync(source) ? path.resolve(source) : source
  const before = await dependencies(bench)
  await npm(['install', spec], bench.path)
  const after = await dependencies(bench)
  const added = [...after].find(([name, version]) => before.get(name) !== version) ?? [source]
  return path.join(bench.path, 'node_modules', added[0])
}

async function dependencies(bench: Bench): Promise<Map<string, string>> {
  const manifest = JSON.parse(await readFile(path.join(bench.path, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  return new Map(Object.entries(manifest.dependencies ?? {}))
}
