import type { Bench } from '../site/bench-folder.ts'
import { openSite, type OpenOptions } from '../site/open.ts'
import { withSiteLock } from '../site/site-lock.ts'
import type { Site } from '../site/site.ts'
import { consoleLog } from './console-log.ts'
import { explain } from './explain.ts'
import { findBench } from './find-bench.ts'

/** What was said about the site, such as a command's input. */
interface Choice {
  readonly site?: string | undefined
}

/** Opens the chosen site for a command, and closes it after. */
export async function withSite<T>(
  input: Choice,
  work: (site: Site) => Promise<T>,
  options: Omit<OpenOptions, 'log'> = {},
): Promise<T> {
  const bench = findBench()
  return await withNamedSite(bench, await bench.chooseSite(input.site), work, options)
}

async function withNamedSite<T>(
  bench: Bench,
  name: string,
  work: (site: Site) => Promise<T>,
  options: Omit<OpenOptions, 'log'>,
): Promise<T> {
  const site = await openSite(bench, name, { log: consoleLog, ...options })
  try {
    return await work(site)
  } finally {
    await site.close()
  }
}

/** The same, while no other command that changes the site's tables or folder is at work. */
export async function withLockedSite<T>(
  input: Choice,
  command: string,
  work: (site: Site) => Promise<T>,
  options: Omit<OpenOptions, 'log'> = {},
): Promise<T> {
  const bench = findBench()
  return await lockedSite(bench, await bench.chooseSite(input.site), command, work, options)
}

/** Every site of the bench after the other, for `--site all`; else the chosen one. @throws at the end, if one failed */
export async function withLockedSites(
  input: Choice,
  command: string,
  work: (site: Site) => Promise<void>,
  options: Omit<OpenOptions, 'log'> & { skipFailing?: boolean } = {},
): Promise<void> {
  const bench = findBench()
  const { skipFailing, ...open } = options
  const names = input.site === 'all' ? await bench.siteNames() : [await bench.chooseSite(input.site)]
  if (names.length === 0) throw new Error('This bench has no site yet. Make one with "bench new-site NAME".')
  const failed: string[] = []
  for (const name of names) {
    try {
      await lockedSite(bench, name, command, work, open)
    } catch (error) {
      if (!skipFailing || names.length === 1) throw error
      failed.push(`${name}: ${explain(error)}`)
    }
  }
  if (failed.length > 0)
    throw new Error(
      `${command} failed for ${String(failed.length)} of ${String(names.length)} sites. ${failed.join(' ')}`,
    )
}

async function lockedSite<T>(
  bench: Bench,
  name: string,
  command: string,
  work: (site: Site) => Promise<T>,
  options: Omit<OpenOptions, 'log'>,
): Promise<T> {
  await bench.siteConfig(name)
  return await withSiteLock(bench.sitePath(name), command, () => withNamedSite(bench, name, work, options))
}
