import { isBuilt } from '../build/freshness.ts'
import { loadApp } from '../site/apps.ts'
import { installApp } from '../site/create.ts'
import { exportFixtures } from '../site/export-fixtures.ts'
import { loadApps } from '../site/open.ts'
import { planUninstall, uninstallApp, type UninstallPlan } from '../site/uninstall.ts'
import { confirm } from './ask.ts'
import type { Command, Input } from './command.ts'
import { fetchApp } from './fetch-app.ts'
import { findBench } from './find-bench.ts'
import { makeApp } from './new-app.ts'
import { backUp } from './site-commands.ts'
import { withLockedSite, withSite } from './with-site.ts'

export const appCommands: readonly Command[] = [
  {
    name: 'new-app',
    group: 'Apps',
    summary: 'Begin an app of your own, in the folder apps/ of the bench',
    args: [{ name: 'NAME' }],
    options: [{ flag: 'title', value: 'TITLE', help: "The app's name for people" }],
    examples: ['bench new-app library', 'bench get-app apps/library && bench install-app library'],
    run: async (input) => {
      const bench = findBench()
      const folder = await makeApp(bench, input.arg(), input.text('title'))
      console.log(`${folder} is made. Next: bench get-app ${folder} && bench install-app ${input.arg()}`)
    },
  },
  {
    name: 'get-app',
    group: 'Apps',
    summary: 'Bring an app into the bench: a folder, a tarball, an npm name or a git address',
    details: 'A package that is installed already is taken as it is. TypeScript apps are built.',
    args: [{ name: 'SOURCE', complete: 'folder' }],
    examples: ['bench get-app ../f-chat', 'bench get-app f-chat'],
    run: getApp,
  },
  {
    name: 'install-app',
    group: 'Apps',
    summary: 'Install apps of the bench into a site',
    args: [{ name: 'APP', many: true, complete: 'app' }],
    examples: ['bench --site shop.localhost install-app f_chat'],
    run: install,
  },
  {
    name: 'uninstall-app',
    group: 'Apps',
    summary: 'Take an app out of a site, with its data',
    details:
      'Backs up the site first. Its tables, settings, secrets and counters go, and of its fixtures what came with it and nothing else uses. The app stays in the bench.',
    args: [{ name: 'APP', complete: 'app' }],
    options: [
      { flag: 'yes', short: 'y', help: 'Do not ask' },
      { flag: 'no-backup', help: 'Without a backup' },
      { flag: 'dry-run', help: 'Only say what would go' },
    ],
    examples: ['bench uninstall-app f_chat --dry-run'],
    run: uninstall,
  },
  {
    name: 'list-apps',
    group: 'Apps',
    summary: "A site's apps, with their versions",
    options: [
      { flag: 'format', value: 'FORMAT', help: 'text or json', preset: 'text', complete: ['text', 'json'] },
    ],
    run: listApps,
  },
  {
    name: 'build',
    group: 'Apps',
    summary: 'Build the apps of the bench that are written in TypeScript',
    options: [
      { flag: 'app', value: 'APP', help: 'Only this one', complete: 'app' },
      { flag: 'production', help: 'Taken for what it is always: builds are for production' },
    ],
    run: build,
  },
  {
    name: 'export-fixtures',
    group: 'Apps',
    summary: "Write documents of a site into its apps' fixtures",
    details:
      'The hook "fixtures" of an app says which. Every site that installs or migrates the app gets them.',
    options: [{ flag: 'app', value: 'APP', help: 'Only this one', complete: 'app' }],
    examples: ['bench export-fixtures --app library'],
    run: exportAll,
  },
]

/** Most commands build nothing: they start sooner without esbuild. */
const builder = () => import('../build/app.ts')

async function getApp(input: Input): Promise<void> {
  const { buildApp, needsBuild } = await builder()
  const bench = findBench()
  const root = await fetchApp(bench, input.arg())
  if (needsBuild(root) && !isBuilt(root)) await buildApp(root)
  const { definition, version } = await loadApp(root)
  await bench.addApp(definition.name, root)
  console.log(`${definition.title} ${version} is in the bench. Next: bench install-app ${definition.name}`)
}

async function install(input: Input): Promise<void> {
  await withLockedSite(
    input,
    'install-app',
    async (site) => {
      let current = site
      for (const name of input.args) {
        if (current.registry.apps.some((app) => app.definition.name === name)) {
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
}

async function uninstall(input: Input): Promise<void> {
  const name = input.arg()
  await withLockedSite(
    input,
    'uninstall-app',
    async (site) => {
      const plan = await planUninstall(site, name)
      if (input.has('dry-run')) {
        console.log(describePlan(plan).join('\n'))
        return
      }
      if (!input.has('yes')) {
        if (process.stdin.isTTY) console.error(describePlan(plan).join('\n'))
        await confirm(`This takes ${name} and its data out of ${site.name}.`)
      }
      if (!input.has('no-backup')) await backUp(site, { withFiles: true, compress: true })
      const { kept } = await uninstallApp(site, plan)
      for (const one of kept) console.log(`${one} stays: it is in use.`)
      console.log(`${name} is no longer in ${site.name}. A running server must be started again.`)
    },
    { evenIfOutdated: true },
  )
}

function describePlan({ tables, singles, fixtures }: UninstallPlan): string[] {
  return [
    ...tables.map(({ table, rows }) => `table    ${table}, ${String(rows)} rows`),
    ...singles.map((name) => `settings ${name}`),
    ...fixtures.map((id) => `fixture  ${id}, unless in use`),
  ]
}

async function listApps(input: Input): Promise<void> {
  const format = input.text('format')
  await withSite(input, (site) => {
    const apps = site.registry.apps.map(({ definition, version }) => ({ name: definition.name, version }))
    if (format === 'json') console.log(JSON.stringify({ [site.name]: apps.map(({ name }) => name) }))
    else for (const { name, version } of apps) console.log(`${name} ${version}`)
    return Promise.resolve()
  })
}

async function build(input: Input): Promise<void> {
  const { buildApp, needsBuild } = await builder()
  const apps = await findBench().apps()
  const only = input.text('app')
  if (only !== undefined && !apps.has(only)) throw new Error(`The app ${only} is not in this bench.`)
  for (const [name, root] of apps) {
    if ((only !== undefined && name !== only) || !needsBuild(root)) continue
    await buildApp(root)
    console.log(`${name} is built.`)
  }
}

async function exportAll(input: Input): Promise<void> {
  const only = input.text('app')
  await withSite(input, async (site) => {
    const apps = site.registry.apps.filter(({ definition }) =>
      only === undefined ? definition.fixtures && definition.name !== 'desk' : definition.name === only,
    )
    if (only !== undefined && apps.length === 0)
      throw new Error(`The app ${only} is not installed in ${site.name}.`)
    if (apps.every(({ definition }) => !definition.fixtures?.length))
      throw new Error('Nothing to export: name DocTypes in the hook "fixtures" of an app.')
    for (const app of apps)
      for (const { file, count } of await exportFixtures(site, app))
        console.log(`${String(count)} documents: ${file}`)
  })
}
