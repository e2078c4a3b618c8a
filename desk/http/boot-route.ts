import type { FastifyInstance } from 'fastify'
import { PermissionError } from '../errors.ts'
import { originAllowed } from '../realtime/origin.ts'
import { ensureCsrfToken } from '../site/sessions.ts'
import type { Site } from '../site/site.ts'
import { bootInfo, guestBoot } from './boot.ts'
import { identify } from './identify.ts'
import { servedBy } from './served.ts'

/**
 * `desk.boot`: what a page of the desk knows from its start, for scripts in pages that desk has not rendered. It
 * holds the session's CSRF token, so that not even the origins of `allow_cors` get it.
 */
export function bootRoute(server: FastifyInstance, site: Site, build: string): void {
  server.get('/api/method/desk.boot', async (request, reply) => {
    if (!originAllowed(request.headers.origin, request.host, {}))
      throw new PermissionError('Ask for desk.boot on a page of this site.')
    void reply.header('Cache-Control', 'no-store')
    const served = servedBy(request)
    const { session, visitor, identity } = await identify(site, request)
    const person = visitor?.user === identity.user ? visitor : null
    if (!person) return { message: guestBoot(site, build, served) }
    const csrf = session ? await ensureCsrfToken(site, session) : ''
    return { message: await site.read(identity, (ctx) => bootInfo(ctx, person, csrf, build, served)) }
  })
}
