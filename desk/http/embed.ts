import type { FastifyInstance } from 'fastify'
import { openEmbedded } from '../site/embedded.ts'
import { noteServing } from '../site/site-lock.ts'
import { buildId } from './build-id.ts'
import type { DeskOptions } from './plugin.ts'
import { serveSite } from './scope.ts'

/** Serves a site in a scope of somebody else's application; it lives as long as that. */
export async function embedSite(server: FastifyInstance, options: DeskOptions): Promise<void> {
  const { identify, pingSeconds } = options
  const site = await openEmbedded(options, server.log)
  const stopped = noteServing(site.path)
  // Added first, run last: what still answers needs the site.
  server.addHook('onClose', async () => {
    await site.close()
    stopped()
  })
  const build = await buildId(site.registry.apps)
  await serveSite(
    server,
    { site, build, ...(pingSeconds === undefined ? {} : { pingSeconds }) },
    { identify },
  )
  server.addHook('onReady', (done) => {
    site.start()
    done()
  })
}
