import type { FastifyInstance } from 'fastify'
import type { Site } from '../site/site.ts'
import { hookRequest } from './hook-request.ts'
import { callerOf } from './identify.ts'
import { isApi } from './served.ts'

/** The apps' `before_request` and `after_request` around every API request, as the hooks.py keys of that name. */
export function requestHooks(server: FastifyInstance, site: Site): void {
  const before = site.registry.hooks((app) => app.before_request)
  const after = site.registry.hooks((app) => app.after_request)
  if (before.length > 0) {
    server.addHook('onRequest', async (request) => {
      if (!isApi(request)) return
      for (const hook of before) await hook(hookRequest(site, request))
    })
  }
  if (after.length > 0) {
    server.addHook('onResponse', async (request, reply) => {
      if (!isApi(request)) return
      const user = callerOf(request)?.identity.user
      for (const hook of after) {
        try {
          await hook(hookRequest(site, request, user), reply.statusCode)
        } catch (error) {
          // The answer is on its way.
          site.log.error({ err: error }, 'after_request')
        }
      }
    })
  }
}
