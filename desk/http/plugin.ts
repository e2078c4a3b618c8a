import type { FastifyInstance } from 'fastify'
import type { EmbeddedSiteOptions } from '../site/embedded.ts'
import type { Identify } from './host-logins.ts'

export interface DeskOptions extends EmbeddedSiteOptions {
  /** What stands before every address of desk, such as `/chat-desk`. Without it desk shares the root (ADR 0020). */
  prefix?: string
  /** Says who sends a request, in place of desk's own login. */
  identify?: Identify
  /** Seconds between the pings of a socket; with `identify`, every second ping asks again whose it is (default 25). */
  pingSeconds?: number
}

/**
 * desk as a Fastify plugin: `fastify.register(desk, { benchPath, site, apps, prefix, identify })`. It opens the site,
 * serves it in a scope of its own and runs its jobs until the application closes.
 * @throws where the site cannot be served, with what to do
 */
export async function desk(server: FastifyInstance, options: DeskOptions): Promise<void> {
  // Apps import desk's API, which this is part of: they need no server for it.
  const { embedSite } = await import('./embed.ts')
  await embedSite(server, options)
}
