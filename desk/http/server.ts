import { existsSync } from 'node:fs'
import path from 'node:path'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { DeskError, PageDoesNotExistError, ValidationError } from '../errors.ts'
import { CloseCode } from '../realtime/frames.ts'
import { Hub } from '../realtime/hub.ts'
import { socketRoute } from '../realtime/socket.ts'
import { GUEST } from '../permissions/roles.ts'
import { logError } from '../site/error-log.ts'
import type { Site } from '../site/site.ts'
import { renderError } from '../web/index.ts'
import { failure, httpErrorBody } from './answer.ts'
import { clearLoginCookies } from './cookies.ts'
import { callerOf } from './identify.ts'
import { methodRoutes } from './method-routes.ts'
import { assetUrls, page, pageRoutes } from './page-routes.ts'
import { resourceRoutes } from './resource-routes.ts'

export interface ServerOptions {
  site: Site
  /** Changes with every build; pages offer a reload when it does. */
  build: string
  pingSeconds?: number
  /** Fastify's log, false for none. */
  log?: boolean
}

/** Frames above the limit are answered with a close code of ours; far above it ws itself ends the socket. */
const MOST_PAYLOAD = 8 * 1024 * 1024
const BODY_LIMIT = 1024 * 1024

/** The HTTP and socket server of one site. Call `listen` on it; `close` drains sockets and requests. */
export async function createServer({
  site,
  build,
  pingSeconds,
  log = false,
}: ServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    logger: log ? { level: 'warn', redact: ['req.headers.cookie', 'req.headers.authorization'] } : false,
    bodyLimit: BODY_LIMIT,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 500 },
    forceCloseConnections: true,
    trustProxy: site.config.trust_proxy ?? false,
    // An address that cannot be decoded is answered before any hook or handler.
    frameworkErrors: (error, request, reply) => {
      void answerError(site, build, error, request, reply)
    },
  })
  const hub = new Hub(site.bus)
  await server.register(helmet, {
    global: true,
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
  })
  await server.register(cookie)
  await server.register(formbody)
  await server.register(websocket, {
    options: { maxPayload: MOST_PAYLOAD, perMessageDeflate: false },
    preClose(done) {
      for (const socket of server.websocketServer.clients) socket.close(CloseCode.restart, 'restart')
      server.websocketServer.close(done)
    },
  })
  acceptEmptyJson(server)
  server.setErrorHandler((error, request, reply) => answerError(site, build, error, request, reply))
  server.setNotFoundHandler((request, reply) => {
    const missing = new PageDoesNotExistError(
      `There is nothing at ${request.url.split('?')[0]?.slice(0, 200) ?? '/'}.`,
    )
    return answerError(site, build, missing, request, reply)
  })
  server.addHook('onClose', () => {
    hub.close()
  })
  healthRoutes(server, site)
  methodRoutes(server, site)
  resourceRoutes(server, site)
  pageRoutes(server, site, build)
  socketRoute(server, { site, hub, build, ...(pingSeconds === undefined ? {} : { pingSeconds }) })
  await assetRoutes(server, site)
  return server
}

/** Bytes that are no text are refused: what they stood for would be lost for good. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** Clients send a JSON content type on requests without a body. */
function acceptEmptyJson(server: FastifyInstance): void {
  server.removeContentTypeParser('application/json')
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      const text = strictUtf8.decode(typeof body === 'string' ? Buffer.from(body) : body)
      done(null, text.trim() === '' ? undefined : JSON.parse(text))
    } catch {
      done(new ValidationError('The body of the request is not valid JSON in UTF-8.'))
    }
  })
}

function healthRoutes(server: FastifyInstance, site: Site): void {
  server.get('/healthz', () => ({ status: 'ok' }))
  server.get('/readyz', async (_request, reply) => {
    try {
      await site.database.ping()
      return { status: 'ok' }
    } catch (error) {
      site.log.warn({ err: error }, 'not ready')
      return reply.status(503).send({ status: 'unavailable', reason: 'The database does not answer.' })
    }
  })
}

/** `/assets/<app>/…` from the app's public/dist. Chunks carry their hash in the name and never change. */
async function assetRoutes(server: FastifyInstance, site: Site): Promise<void> {
  const withPages = site.registry.apps.filter(({ root }) => existsSync(path.join(root, 'public', 'dist')))
  for (const [index, app] of withPages.entries()) {
    await server.register(fastifyStatic, {
      root: path.join(app.root, 'public', 'dist'),
      prefix: `/assets/${app.definition.name}/`,
      decorateReply: index === 0,
      cacheControl: false,
      setHeaders: (response, file) => {
        const hashed = /-[A-Z0-9]{8}\.\w+$/.test(file)
        response.header('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }
}

/** JSON for programs, a page for people (frappe-contract.md §1). */
function wantsJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? ''
  if (accept.includes('application/json')) return true
  if (request.url.startsWith('/api/')) return !accept.startsWith('text')
  return accept !== '' && request.headers['x-requested-with'] === 'XMLHttpRequest'
}

async function answerError(
  site: Site,
  build: string,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const path = request.url.split('?')[0] ?? ''
  const caller = callerOf(request)
  const result = await failure(known(error), (unexpected) =>
    logError(site, unexpected, { method: path, user: caller?.identity.user ?? GUEST }),
  )
  void reply.status(result.status)
  if (caller?.expired || (result.status === 401 && !wantsJson(request))) clearLoginCookies(reply)
  if (wantsJson(request)) {
    const isLogin = path.endsWith('/method/login')
    const body = {
      ...httpErrorBody(result, path.includes('/method/')),
      ...(caller?.expired ? { session_expired: 1 } : {}),
    }
    return reply.send(isLogin ? { ...body, message: result.body.message.error.message } : body)
  }
  const titles: Record<number, string> = { 403: 'No access', 404: 'Page not found', 503: 'Back in a moment' }
  return page(
    reply,
    renderError({
      status: result.status,
      title: titles[result.status] ?? 'That did not work',
      message: result.body.message.error.message,
      assets: assetUrls(build),
    }),
  )
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
