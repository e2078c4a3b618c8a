import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { TooManyRequestsError } from '../errors.ts'
import type { Site } from '../site/site.ts'
import { pathOf } from './served.ts'

const MICROS = 1_000_000
const KEY = 'request-time'

/** Probes must answer when all else is refused. */
const FREE = /^\/(healthz|readyz|metrics)$|^\/assets\//

/**
 * `rate_limit: {limit, window}` of the site config: all requests together may take `limit` seconds of work in each
 * `window` seconds, as in Frappe; a body that is slow to come is no work. Answers say what is left in X-RateLimit-*; past it they are 429 with Retry-After.
 */
export function timeLimit(server: FastifyInstance, site: Site): void {
  const { rate_limit: allowance } = site.config
  if (!allowance) return
  const { limit, window } = allowance
  if (!(limit > 0 && window > 0)) {
    throw new Error('rate_limit of the site config is {"limit": seconds, "window": seconds}, both above 0.')
  }
  const micros = Math.round(limit * MICROS)
  server.addHook('onRequest', async (request, reply) => {
    if (FREE.test(pathOf(request))) return
    noteArrival(request, reply)
    const { used, resetSeconds } = await site.limits.add(KEY, 0, window)
    if (used < micros) return
    void reply.header('Retry-After', resetSeconds)
    throw new TooManyRequestsError(`Too many requests. Try again in ${String(resetSeconds)} seconds.`)
  })
  server.addHook('onSend', async (request, reply) => {
    if (FREE.test(pathOf(request))) return
    const refused = reply.hasHeader('Retry-After')
    const took = refused ? 0 : Math.max(1, Math.round(workTime(request, reply) * 1000))
    const { used, resetSeconds } = await site.limits.add(KEY, took, window)
    void reply
      .header('X-RateLimit-Limit', micros)
      .header('X-RateLimit-Remaining', Math.max(0, micros - used))
      .header('X-RateLimit-Reset', resetSeconds)
    if (!refused) void reply.header('X-RateLimit-Used', took)
  })
}

/** Milliseconds until a request's body had come; requests without one are not in it. */
const arrived = new WeakMap<FastifyRequest, number>()

function noteArrival(request: FastifyRequest, reply: FastifyReply): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  if (length === '0' && encoding === undefined) return
  arrived.set(request, Infinity)
  request.raw.once('end', () => arrived.set(request, reply.elapsedTime))
}

/** Milliseconds of work; none for what was refused while its body was still coming. */
function workTime(request: FastifyRequest, reply: FastifyReply): number {
  return Math.max(0, reply.elapsedTime - (arrived.get(request) ?? 0))
}
