import type { FastifyReply, FastifyRequest } from 'fastify'
import { AuthenticationError, PermissionError } from '../errors.ts'
import { originTrusted } from '../realtime/origin.ts'
import { Reply } from '../reply.ts'
import { authenticate } from '../site/authenticate.ts'
import { createSession, endSession, personOf } from '../site/sessions.ts'
import type { Site } from '../site/site.ts'
import { readArgs } from './args.ts'
import { clearLoginCookies, setLoginCookies } from './cookies.ts'
import { checkCsrf, identify } from './identify.ts'
import { servedBy } from './served.ts'

type Action = (site: Site, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** Methods that need the cookies; by POST only. */
export const loginActions: ReadonlyMap<string, Action> = new Map([
  ['login', login],
  ['logout', logout],
])

async function login(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  checkSender(site, request)
  const { usr, pwd, device } = readArgs(request)
  const { ip } = request
  const user = await authenticate(site, { usr: textOf(usr), pwd: textOf(pwd), ip })
  if (!user) {
    clearLoginCookies(reply)
    throw new AuthenticationError('Invalid login credentials')
  }
  const person = personOf(user.name, user)
  const sid = await site.write({ user: user.name, ip, reply: new Reply() }, async (ctx) => {
    await ctx.db('tabUser').where({ name: user.name }).update({ last_login: ctx.now(), last_ip: ip })
    const made = await createSession(
      ctx,
      user.name,
      device === undefined ? {} : { device: textOf(device).slice(0, 40) },
    )
    for (const hook of site.registry.hooks((app) => app.on_login)) await hook(ctx)
    for (const hook of site.registry.hooks((app) => app.on_session_creation)) await hook(ctx)
    return made
  })
  setLoginCookies(reply, site, sid, person)
  const { base } = servedBy(request)
  return {
    message: person.systemUser ? 'Logged In' : 'No App',
    home_page: person.systemUser ? `${base}/desk` : `${base}/`,
    full_name: person.fullName,
  }
}

/**
 * A form of a foreign page must not log its visitor in as somebody else, nor one of a neighbour's site. Browsers say
 * where a request comes from; old ones in Origin alone.
 */
function checkSender(site: Site, request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': from } = request.headers
  const isOwn = from === undefined ? origin === undefined : from === 'same-origin' || from === 'none'
  if (!isOwn && !originTrusted(origin, request.host, site.config))
    throw new PermissionError('Log in on a page of this site.')
}

async function logout(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const caller = await identify(site, request)
  checkCsrf(site, request, caller, readArgs(request))
  const { session } = caller
  if (session) {
    await site.write({ ...caller.identity, user: session.user }, async (ctx) => {
      for (const hook of site.registry.hooks((app) => app.on_logout)) await hook(ctx)
      await endSession(ctx, session.id)
    })
  }
  clearLoginCookies(reply)
  return {}
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
