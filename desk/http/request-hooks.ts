import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Site } from '../site/site.ts'
import { hookRequest } from './hook-request.ts'
import { callerOf } from './identify.ts'
import { commandOf } from './method-routes.ts'
import { isApi, routedPath } from './served.ts'

/**
 * The apps' `before_request` and `after_request` around every API request, as the hooks.py keys of that name; and
 * around what may call a method by the argument `cmd`.
 */
export function requestHooks(server: FastifyInstance, site: Site): void {
  const before = site.registry.hooks((app) => app.before_request)
  const after = site.registry.hooks((app) => app.after_request)
  if (before.length > 0) {
    server.addHook('onRequest', async (request) => {
      if (!mayCall(request)) return
      for (const hook of before) await hook(hookRequest(site, request))
    })
  }
  if (after.length > 0) {
    server.addHook('onResponse', async (request, reply) => {
      if (!mayCall(request)) return
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

/** Whether a request may call a method; a body, which may name one, has not come yet. */
function mayCall(request: FastifyRequest): boolean {
  if (isApi(request)) return true
  if (!request.is404 && routedPath(request) !== '/') return false
  return !['GET', 'HEAD'].includes(request.method) || commandOf(request) !== undefined
}
