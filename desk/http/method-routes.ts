import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PermissionError } from '../errors.ts'
import type { Site } from '../site/site.ts'
import { methodBody } from './answer.ts'
import { readArgs } from './args.ts'
import { checkCsrf, identify } from './identify.ts'
import { loginActions } from './login-routes.ts'
import { servedBy } from './served.ts'

export const LOGINS_ARE_THE_HOSTS =
  'This desk is part of another application, which logs its users in and out. Do it there.'

const USER = 'frappe.core.doctype.user.user'
/** What is of no use where an application says who its users are. */
const LOGIN_METHODS: ReadonlySet<string> = new Set([
  ...loginActions.keys(),
  `${USER}.reset_password`,
  `${USER}.update_password`,
  `${USER}.generate_keys`,
])

const VERBS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'] as const

/** `/api/method/<dotted path>`; only the first part of the path names the method. */
export function methodRoutes(server: FastifyInstance, site: Site): void {
  for (const base of ['/api/method/', '/api/v1/method/']) {
    server.route<{ Params: { '*': string } }>({
      method: [...VERBS],
      url: `${base}*`,
      handler: (request, reply) => callMethod(site, request.params['*'].split('/')[0] ?? '', request, reply),
    })
  }
}

/** The method that the argument `cmd` names, as Frappe's older clients send it to any address. */
export function commandOf(request: FastifyRequest): string | undefined {
  // An address that could not be read has none.
  if (typeof request.query !== 'object' || request.query === null) return undefined
  const { cmd } = readArgs(request)
  return typeof cmd === 'string' && cmd !== '' ? cmd : undefined
}

/** Answers a request with what a whitelisted method says. */
export async function callMethod(
  site: Site,
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const verb = request.method === 'HEAD' ? 'GET' : request.method
  if (servedBy(request).host && LOGIN_METHODS.has(name)) throw new PermissionError(LOGINS_ARE_THE_HOSTS)
  const action = loginActions.get(name)
  if (action) {
    if (verb !== 'POST') throw new PermissionError(`${name} does not take ${verb}; send it as POST.`)
    return await action(site, request, reply)
  }
  const args = readArgs(request)
  const caller = await identify(site, request)
  checkCsrf(site, request, caller, args)
  const method = site.registry.method(name, args)
  if (!(method.verbs as readonly string[]).includes(verb)) {
    throw new PermissionError(
      `${method.name} does not take ${verb}${method.writes ? '; send it as POST' : ''}.`,
    )
  }
  return methodBody(await site.call(method, args, caller.identity))
}
