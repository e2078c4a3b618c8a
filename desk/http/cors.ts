import type { FastifyInstance } from 'fastify'
import type { SiteConfig } from '../site/config.ts'
import { isApi } from './served.ts'

const A_DAY = 86_400

/**
 * `allow_cors` of the site config: pages of these origins may read the answers of the API, with their user's cookies.
 * `*` lets all read what a guest may, but never with cookies. OPTIONS is answered everywhere, with nothing to do.
 */
export function crossOrigin(server: FastifyInstance, config: SiteConfig): void {
  const listed = [config.allow_cors ?? []].flat()
  server.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    if (listed.length > 0 && isApi(request)) {
      void reply.header('Vary', 'Origin')
      if (origin !== undefined && listed.includes(origin) && origin !== '*') {
        void reply
          .header('Access-Control-Allow-Origin', origin)
          .header('Access-Control-Allow-Credentials', 'true')
      } else if (listed.includes('*')) void reply.header('Access-Control-Allow-Origin', '*')
      if (request.method === 'OPTIONS' && reply.hasHeader('Access-Control-Allow-Origin')) {
        const asked = request.headers['access-control-request-headers']
        void reply
          .header('Access-Control-Allow-Methods', 'GET, POST, PUT, DELETE')
          .header('Access-Control-Max-Age', config.developer_mode ? 0 : A_DAY)
        if (asked && /^[\w\s,-]{1,500}$/.test(asked)) void reply.header('Access-Control-Allow-Headers', asked)
      }
    }
    if (request.method === 'OPTIONS') await reply.status(200).header('Content-Length', 0).send()
  })
}
