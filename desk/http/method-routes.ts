import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AuthenticationError, PermissionError } from '../errors.ts'
import { ADMINISTRATOR, GUEST } from '../permissions/roles.ts'
import { checkPassword } from '../site/passwords.ts'
import { createSession, endSession } from '../site/sessions.ts'
import type { Site } from '../site/site.ts'
import { methodBody } from './answer.ts'
import { readArgs } from './args.ts'
import { clearLoginCookies, setLoginCookies } from './cookies.ts'
import { checkCsrf, identify } from './identify.ts'

const VERBS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'] as const

/** `/api/method/<dotted path>`, with login and logout, which need the cookies. */
export function methodRoutes(server: FastifyInstance, site: Site): void {
  for (const base of ['/api/method/', '/api/v1/method/']) {
    server.post(`${base}login`, (request, reply) => login(site, request, reply))
    server.post(`${base}logout`, (request, reply) => logout(site, request, reply))
    for (const name of ['login', 'logout']) {
      server.route({
        method: VERBS.filter((verb) => verb !== 'POST'),
        url: base + name,
        handler: (request) => {
          throw new PermissionError(`${name} does not take ${request.method}; send it as POST.`)
        },
      })
    }
    server.route<{ Params: { '*': string } }>({
      method: [...VERBS],
      url: `${base}*`,
      handler: (request, reply) => callMethod(site, request.params['*'], request, reply),
    })
  }
}

async function callMethod(
  site: Site,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const args = readArgs(request)
  const caller = await identify(site, request)
  checkCsrf(site, request, caller, args)
  const method = site.registry.method(path.split('/')[0] ?? '', args)
  const verb = request.method
  if (!(method.verbs as readonly string[]).includes(verb)) {
    throw new PermissionError(
      `${method.name} does not take ${verb}${method.writes ? '; send it as POST' : ''}.`,
    )
  }
  const result = await site.call(method, args, caller.identity)
  if (caller.expired) clearLoginCookies(reply)
  return { ...methodBody(result), ...(caller.expired ? { session_expired: 1 } : {}) }
}

interface UserRow {
  name: string
  full_name: string | null
  user_image: string | null
  user_type: string | null
}

async function login(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { usr, pwd } = readArgs(request)
  const user = await authenticate(
    site,
    typeof usr === 'string' ? usr : '',
    typeof pwd === 'string' ? pwd : '',
  )
  if (!user) {
    clearLoginCookies(reply)
    throw new AuthenticationError('Invalid login credentials')
  }
  const sid = await site.write({ user: user.name, ip: request.ip }, async (ctx) => {
    await ctx.db('tabUser').where({ name: user.name }).update({ last_login: ctx.now() })
    return await createSession(ctx, user.name)
  })
  const systemUser = user.user_type === 'System User'
  setLoginCookies(reply, site, sid, {
    user: user.name,
    fullName: user.full_name ?? user.name,
    userImage: user.user_image,
    systemUser,
  })
  return {
    message: systemUser ? 'Logged In' : 'No App',
    home_page: systemUser ? '/desk' : '/',
    full_name: user.full_name ?? user.name,
  }
}

/** By user id (the e-mail address, in any case) or as Administrator. */
async function authenticate(site: Site, usr: string, pwd: string): Promise<UserRow | null> {
  const id = usr.trim()
  const name = id.toLowerCase() === ADMINISTRATOR.toLowerCase() ? ADMINISTRATOR : id.toLowerCase()
  const db = site.database.reader
  const matches = await checkPassword(db, name, pwd)
  const user = await db('tabUser')
    .where({ name, enabled: 1 })
    .whereNot({ name: GUEST })
    .first<UserRow | undefined>('name', 'full_name', 'user_image', 'user_type')
  return matches && user ? user : null
}

async function logout(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const caller = await identify(site, request)
  checkCsrf(site, request, caller, readArgs(request))
  const { session } = caller
  if (session) await site.write(caller.identity, (ctx) => endSession(ctx, session.id))
  clearLoginCookies(reply)
  return {}
}
