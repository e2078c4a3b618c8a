import type { FastifyRequest } from 'fastify'
import type { HookRequest } from '../app.ts'
import { GUEST } from '../permissions/roles.ts'
import type { Site } from '../site/site.ts'
import { routedPath } from './served.ts'

/** What apps' hooks see of a request; nothing of Fastify's. */
export function hookRequest(site: Site, request: FastifyRequest, user = GUEST): HookRequest {
  return {
    method: request.method,
    path: routedPath(request),
    headers: request.headers,
    ip: request.ip,
    user,
    site,
  }
}
