import { accessSync, constants } from 'node:fs'
import type { Bench } from '../site/bench-folder.ts'
import { checkFiles } from '../files/upkeep.ts'
import { planMigration } from '../site/migrate.ts'
import { openSite } from '../site/open.ts'
import { consoleLog } from './console-log.ts'
import { checkBackground } from './doctor-background.ts'

type Check = () => Promise<string> | string

/** Prints one line a check. @returns whether all is well */
export async function doctor(bench: Bench, chosen: string | undefined): Promise<boolean> {
  let well = true
  const run = async (name: string, check: Check): Promise<void> => {
    try {
      console.log(`ok    ${name}: ${await check()}`)
    } catch (error) {
      well = false
      console.log(`WRONG ${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  await run('node', () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
    if (major < 20 || (major === 20 && minor < 19))
      throw new Error(`${process.version} is too old: desk needs Node 20.19 or newer.`)
    return process.version
  })
  await run('bench', () => {
    accessSync(bench.sites, constants.W_OK)
    return bench.path
  })
  await run('site', async () => {
    const name = await bench.chooseSite(chosen)
    const site = await openSite(bench, name, { log: consoleLog, evenIfOutdated: true })
    try {
      await checkSite(site, run)
    } finally {
      await site.close()
    }
    return name
  })
  return well
}

async function checkSite(
  site: Awaited<ReturnType<typeof openSite>>,
  run: (name: string, check: Check) => Promise<void>,
): Promise<void> {
  await run('database', async () => {
    await site.database.ping()
    return `${site.database.kind} answers`
  })
  await run('tables', async () => {
    const plan = await planMigration(site)
    if (plan.length > 0)
      throw new Error(`${String(plan.length)} changes are due. Run "bench --site ${site.name} migrate".`)
    return 'up to date'
  })
  await run('apps', () =>
    site.registry.apps.map(({ definition, version }) => `${definition.name} ${version}`).join(', '),
  )
  await run('files', () => checkFiles(site))
  await checkBackground(site, run)
}
