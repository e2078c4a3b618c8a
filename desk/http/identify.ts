import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../context.ts'
import { CSRFTokenError, PermissionError } from '../errors.ts'
import { GUEST } from '../permissions/roles.ts'
import { Reply } from '../reply.ts'
import { findSession, PERSON, personOf, type Login, type PersonRow, type Session } from '../site/sessions.ts'
import { ownOrigin } from '../site/site-url.ts'
import type { Site } from '../site/site.ts'
import { findAuthorized, notAuthorized } from './authorization.ts'
import { hookRequest } from './hook-request.ts'
import { fromOwnPage } from './same-origin.ts'
import { isApi, servedBy } from './served.ts'
import { uploadsOf } from './uploads.ts'

/** Who sends a request. */
export interface Caller {
  identity: Identity
  /** The session of the cookie, also where the Authorization header names somebody else. */
  session: Session | null
  /** Who the caller is, unless a guest. */
  login: Login | null
  /** Whom pages are for: the one of the session, or whom the application names that desk is part of. */
  visitor: Login | null
  /** A session id was sent that no session has (any more). */
  expired: boolean
  /** The browser's cookie is such a one: it may go. */
  staleCookie: boolean
}

const callers = new WeakMap<FastifyRequest, Caller>()

/** Who sent a request, once that is known; for answers to what failed. */
export const callerOf = (request: FastifyRequest): Caller | undefined => callers.get(request)

const DEVICE = /^[0-9a-f-]{36}$/i

/**
 * By the Authorization header, else the session's cookie, else what an app's `auth_hooks` say. A header that names
 * nobody is refused, on methods for guests too; one that names somebody wins over the cookie, whose session still
 * asks for its CSRF token (ADR 0013). An application that desk is part of may say it instead: then it alone (ADR 0020).
 * @throws AuthenticationError
 */
export async function identify(site: Site, request: FastifyRequest): Promise<Caller> {
  const { base, host } = servedBy(request)
  const sid = host ? '' : sidOf(request)
  const session = await findSession(site, sid)
  const login = host ? await host.find(request) : await findLogin(site, request, session)
  const header = request.headers['x-desk-device']
  const device = typeof header === 'string' && DEVICE.test(header) ? header : undefined
  const expired = session === null && sid !== '' && sid !== GUEST
  const origin = ownOrigin(site, request.protocol, request.host)
  const caller: Caller = {
    session,
    login,
    visitor: host ? login : session,
    expired,
    staleCookie: expired && sid === request.cookies.sid,
    identity: {
      user: login?.user ?? GUEST,
      ip: request.ip,
      reply: new Reply(),
      ...uploadsOf(request),
      ...(login ? { session: login.id } : {}),
      ...(device ? { device } : {}),
      ...(origin ? { origin: origin + base } : {}),
    },
  }
  callers.set(request, caller)
  return caller
}

async function findLogin(
  site: Site,
  request: FastifyRequest,
  session: Session | null,
): Promise<Login | null> {
  const { authorization } = request.headers
  const known = authorization === undefined ? session : await findAuthorized(site, authorization)
  if (known) return known
  const named = await byHooks(site, request)
  if (!named && authorization !== undefined) throw notAuthorized(authorization)
  return named
}

async function byHooks(site: Site, request: FastifyRequest): Promise<Login | null> {
  for (const hook of site.registry.hooks((app) => app.auth_hooks)) {
    const user = await hook(hookRequest(site, request))
    if (user === undefined || user === GUEST) continue
    const row = await site.database
      .reader('tabUser')
      .where({ name: user, enabled: 1 })
      .first<(PersonRow & { name: string }) | undefined>('name', ...PERSON)
    // The column finds other cases of its letters, and é for e.
    if (row?.name === user) return { id: `auth_hook:${user}`, ...personOf(user, row) }
  }
  return null
}

/**
 * The cookie, or the argument `sid` of an API request, as programs without a cookie jar send it. Pages take the
 * cookie alone, and no answer makes a cookie of the argument: a link cannot log anybody in (ADR 0013).
 */
function sidOf(request: FastifyRequest): string {
  if (isApi(request)) {
    for (const args of [request.body, request.query]) {
      if (typeof args !== 'object' || args === null || !Object.hasOwn(args, 'sid')) continue
      const { sid } = args as { sid: unknown }
      if (typeof sid === 'string' && sid !== '') return sid
    }
  }
  return request.cookies.sid ?? ''
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Once a page has been rendered for the session, every write must carry its token. Where an application says who its
 * users are, its own token is not ours to know: then writes must come from a page of the site.
 * @throws CSRFTokenError, PermissionError
 */
export function checkCsrf(
  site: Site,
  request: FastifyRequest,
  { session }: Caller,
  args: Record<string, unknown>,
): void {
  if (SAFE.has(request.method)) return
  if (servedBy(request).host && !fromOwnPage(request, site.config))
    throw new PermissionError('This address takes changes from pages of its own site alone.')
  if (!session?.csrfToken || site.config.ignore_csrf) return
  const sent = request.headers['x-frappe-csrf-token'] ?? args.csrf_token
  const given = Buffer.from(typeof sent === 'string' ? sent : '')
  const expected = Buffer.from(session.csrfToken)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new CSRFTokenError('Invalid Request', 'Invalid Request')
  }
}
