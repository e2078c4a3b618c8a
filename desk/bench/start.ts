import type { Bench } from '../site/bench-folder.ts'
import { openSite } from '../site/open.ts'
import { consoleLog } from './console-log.ts'

/** What `bench start` serves: it listens, and closes all that it has opened. */
export interface Serving {
  listen(address: { port: number; host: string }): Promise<string>
  close(): Promise<void>
  /** "shop.localhost is", for the line that says where. */
  readonly subject: string
  /** What the site's own config says, where one is served alone. */
  readonly port?: number | undefined
  /** Begins what runs by itself, once the address is had. */
  start(): void
}

/**
 * The site that was chosen by flag or FRAPPE_SITE, or the only one there is, whatever a request's host is; else every
 * site of the bench by its host name.
 */
export async function prepare(bench: Bench, chosen: string | undefined): Promise<Serving> {
  const names = await bench.siteNames()
  const named = chosen ?? process.env.FRAPPE_SITE
  if (named !== undefined || names.length <= 1) {
    return await oneSite(bench, named ?? names[0] ?? (await bench.chooseSite()))
  }
  const { SiteRouter } = await import('../http/site-router.ts')
  const fallback = await bench.chooseSite().catch(() => undefined)
  const router = new SiteRouter({ bench, log: consoleLog, fallback })
  return {
    subject: `${names.join(', ')} are`,
    listen: (address) => router.listen(address),
    close: () => router.close(),
    start() {
      // One after the other; one that fails is told in the log, and asked for again by its visitors.
      void names.reduce(
        (before, name) => before.then(() => router.open(name)).catch(() => undefined),
        Promise.resolve(),
      )
    },
  }
}

async function oneSite(bench: Bench, name: string): Promise<Serving> {
  const site = await openSite(bench, name, { log: consoleLog })
  try {
    // Most commands serve nothing: they start sooner without it.
    const { createServer } = await import('../http/server.ts')
    const { buildId } = await import('../http/build-id.ts')
    const server = await createServer({ site, build: await buildId(site.registry.apps), log: true })
    return {
      subject: `${site.name} is`,
      port: site.config.webserver_port,
      listen: (address) => server.listen(address),
      async close() {
        await server.close()
        await site.close()
      },
      start() {
        site.start()
      },
    }
  } catch (error) {
    await site.close()
    throw error
  }
}
