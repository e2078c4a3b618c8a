import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AuthenticationError } from '../errors.ts'
import { GUEST } from '../permissions/roles.ts'
import type { Site } from '../site/site.ts'
import { renderApiDocs } from '../web/index.ts'
import { identify } from './identify.ts'
import { describeApi, type OpenApi } from './openapi.ts'
import { assetUrls, page, titleOf, toLogin } from './pages.ts'
import { servedBy } from './served.ts'

/** What can be called, for those who write clients: `/api/docs` to read, `/api/docs/json` as OpenAPI. Users only. */
export function docsRoutes(server: FastifyInstance, site: Site, build: string): void {
  const assets = assetUrls(build)
  server.get('/api/docs', async (request, reply) => {
    if (await isGuest(site, request)) return toLogin(request, reply)
    const { base } = servedBy(request)
    return page(
      reply,
      renderApiDocs({ siteTitle: titleOf(site), assets, api: describeSite(site, base), base }),
    )
  })
  server.get('/api/docs/json', async (request, reply) => {
    if (await isGuest(site, request)) throw new AuthenticationError('Log in, or send an API key.')
    return reply.header('Cache-Control', 'no-store').send(describeSite(site, servedBy(request).base))
  })
}

/** The OpenAPI document of a site: the methods of all its apps. */
export function describeSite(site: Site, base = ''): OpenApi {
  const [desk] = site.registry.apps
  return describeApi(site.registry.apps, { title: titleOf(site), base, version: desk?.version ?? '0.0.0' })
}

async function isGuest(site: Site, request: FastifyRequest): Promise<boolean> {
  return (await identify(site, request)).identity.user === GUEST
}
