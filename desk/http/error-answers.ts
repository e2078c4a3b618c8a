import type { FastifyReply, FastifyRequest } from 'fastify'
import { DeskError } from '../errors.ts'
import { GUEST } from '../permissions/roles.ts'
import { logError } from '../site/error-log.ts'
import type { Site } from '../site/site.ts'
import { renderError } from '../web/index.ts'
import { failure, httpErrorBody } from './answer.ts'
import { clearLoginCookies } from './cookies.ts'
import { callerOf, type Caller } from './identify.ts'
import { commandOf } from './method-routes.ts'
import { assetUrls, page } from './pages.ts'
import { isApi, pathOf } from './served.ts'

/** JSON for programs, a page for people (frappe-contract.md §1). */
function wantsJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? ''
  if (accept.includes('application/json')) return true
  if (isApi(request)) return !accept.startsWith('text')
  return accept !== '' && request.headers['x-requested-with'] === 'XMLHttpRequest'
}

const TITLES: Readonly<Record<number, string>> = {
  401: 'Log in first',
  403: 'No access',
  404: 'Page not found',
  410: 'This link has expired',
  429: 'Too many requests',
  503: 'Back in a moment',
}

/** Answers what failed, in the shape that the caller can read. */
export async function answerError(
  site: Site,
  build: string,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const path = pathOf(request)
  const caller = callerOf(request)
  const result = await failure(known(error), (unexpected) =>
    logError(site, unexpected, { method: path, user: caller?.identity.user ?? GUEST }),
  )
  void reply.status(result.status)
  if (result.retryAfter !== undefined) void reply.header('Retry-After', result.retryAfter)
  if (caller?.staleCookie || (result.status === 401 && !wantsJson(request))) clearLoginCookies(reply)
  const { message } = result.body.message.error
  if (wantsJson(request)) {
    const command = path.includes('/method/') ? path.split('/').pop() : commandOf(request)
    const body = httpErrorBody(result, {
      isMethod: command !== undefined,
      messages: caller?.identity.reply?.messages ?? [],
      trace: traceFor(site, caller, result.status, error),
    })
    // Already among the error's own messages.
    caller?.identity.reply?.reset()
    return reply.send(command === 'login' ? { ...body, message } : body)
  }
  return page(
    reply,
    renderError({
      status: result.status,
      title: TITLES[result.status] ?? 'That did not work',
      message,
      assets: assetUrls(build),
    }),
  )
}

/** Where an error came from is told in developer mode, to system users, and not for what is simply not there. */
function traceFor(
  site: Site,
  caller: Caller | undefined,
  status: number,
  error: unknown,
): string | undefined {
  if (!site.config.developer_mode || !caller?.login?.systemUser || status === 404) return undefined
  return error instanceof Error ? error.stack : String(error)
}

/** What Fastify itself refuses (a body too large, an unknown content type) is the caller's mistake, not ours. */
function known(error: unknown): unknown {
  const status = (error as { statusCode?: number }).statusCode
  if (error instanceof DeskError || status === undefined || status >= 500) return error
  const message = (error as Error).message
  return new DeskError(
    {
      excType: status === 415 ? 'UnsupportedMediaType' : 'ValidationError',
      status,
      code: 'VALIDATION_ERROR',
    },
    message,
  )
}
