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
  const { base } = servedBy(request)
  const [path = '/'] = request.url.split('?', 1)
  return path.slice(base.length) || '/'
}

export const isApi = (request: FastifyRequest): boolean => pathOf(request).startsWith('/api/')
