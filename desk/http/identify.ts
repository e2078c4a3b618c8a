import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../context.ts'
import { AuthenticationError, CSRFTokenError } from '../errors.ts'
import { GUEST } from '../permissions/roles.ts'
import { findSession, type Session } from '../site/sessions.ts'
import type { Site } from '../site/site.ts'

/** Who sends a request. */
export interface Caller {
  identity: Identity
  session: Session | null
  /** A session id was sent that no session has (any more). */
  expired: boolean
}

const callers = new WeakMap<FastifyRequest, Caller>()

/** Who sent a request, once that is known; for answers to what failed. */
export const callerOf = (request: FastifyRequest): Caller | undefined => callers.get(request)

const DEVICE = /^[0-9a-f-]{36}$/i

/** By the session cookie; an Authorization header that names no known key is refused, as in Frappe. */
export async function identify(site: Site, request: FastifyRequest): Promise<Caller> {
  if (request.headers.authorization !== undefined)
    throw new AuthenticationError('The credentials are not valid.')
  const sid = request.cookies.sid ?? ''
  const session = await findSession(site, sid)
  const header = request.headers['x-desk-device']
  const device = typeof header === 'string' && DEVICE.test(header) ? header : undefined
  const caller: Caller = {
    session,
    expired: session === null && sid !== '' && sid !== GUEST,
    identity: {
      user: session?.user ?? GUEST,
      ip: request.ip,
      ...(session ? { session: session.id } : {}),
      ...(device ? { device } : {}),
    },
  }
  callers.set(request, caller)
  return caller
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Once a page has been rendered for the session, every write must carry its token. @throws CSRFTokenError */
export function checkCsrf(
  site: Site,
  request: FastifyRequest,
  { session }: Caller,
  args: Record<string, unknown>,
): void {
  if (SAFE.has(request.method) || !session?.csrfToken || site.config.ignore_csrf) return
  const sent = request.headers['x-frappe-csrf-token'] ?? args.csrf_token
  const given = Buffer.from(typeof sent === 'string' ? sent : '')
  const expected = Buffer.from(session.csrfToken)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new CSRFTokenError('Invalid Request', 'Invalid Request')
  }
}
