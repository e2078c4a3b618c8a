import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { HostLogins } from './host-logins.ts'

/** How a scope of Fastify serves its site. */
export interface Served {
  /** What stands before every address of the site, such as `/chat-desk`; empty at the root. */
  readonly base: string
  /** Where another application says who its users are. */
  readonly host: HostLogins | null
}

const SERVED = Symbol('desk')

export function decorateServed(server: FastifyInstance, served: Served): void {
  server.decorate(SERVED, served)
}

/** How the site is served that a request is for. */
export function servedBy({ server }: FastifyRequest | FastifyReply): Served {
  return server.getDecorator<Served>(SERVED)
}

/** The path of a request as the site knows it: without the query, and without what stands before its addresses. */
export function pathOf(request: FastifyRequest): string {
  return rawPath(request).slice(servedBy(request).base.length) || '/'
}

/** A request may name the whole address (RFC 9112). */
const rawPath = ({ url }: FastifyRequest): string =>
  url.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] ?? ''

/** The path as routes are found by it: `/%61pi/` is `/api/`. What decides by the path must look at this one. */
export function routedPath(request: FastifyRequest): string {
  const { base } = servedBy(request)
  const path = rawPath(request)
  try {
    return decodeURI(path).slice(base.length) || '/'
  } catch {
    // It leads nowhere.
    return path.slice(base.length) || '/'
  }
}

export const isApi = (request: FastifyRequest): boolean => routedPath(request).startsWith('/api/')
