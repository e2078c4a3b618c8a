import { openSite, type OpenOptions } from '../site/open.ts'
import type { Site } from '../site/site.ts'
import { consoleLog } from './console-log.ts'
import { findBench } from './find-bench.ts'

export interface SiteOption {
  site?: string
}

/** Opens the chosen site for a command, and closes it after. */
export async function withSite<T>(
  { site: chosen }: SiteOption,
  work: (site: Site) => Promise<T>,
  options: Omit<OpenOptions, 'log'> = {},
): Promise<T> {
  const bench = findBench()
  const site = await openSite(bench, await bench.chooseSite(chosen), { log: consoleLog, ...options })
  try {
    return await work(site)
  } finally {
    await site.close()
  }
}
