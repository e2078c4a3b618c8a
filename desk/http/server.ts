import { existsSync } from 'node:fs'
import path from 'node:path'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import fastifyStatic from '@fastify/static'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import { PageDoesNotExistError, SessionStopped, ValidationError } from '../errors.ts'
import { CloseCode } from '../realtime/frames.ts'
import { Hub } from '../realtime/hub.ts'
import { socketRoute } from '../realtime/socket.ts'
import type { SiteConfig } from '../site/config.ts'
import type { Site } from '../site/site.ts'
import { appPages } from './app-pages.ts'
import { besidesResult } from './besides-result.ts'
import { crossOrigin } from './cors.ts'
import { answerError } from './error-answers.ts'
import { pathOf } from './hook-request.ts'
import { fileRoutes } from './file-routes.ts'
import { callMethod, commandOf, methodRoutes } from './method-routes.ts'
import { pageRoutes } from './page-routes.ts'
import { requestHooks } from './request-hooks.ts'
import { resourceRoutes } from './resource-routes.ts'
import { securityHeaders } from './security-headers.ts'
import { timeLimit } from './time-limit.ts'

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
    trustProxy: trustedProxies(site.config),
    // An address that cannot be decoded is answered before any hook or handler.
    frameworkErrors: (error, request, reply) => {
      void answerError(site, build, error, request, reply)
    },
  })
  const hub = new Hub(site.bus)
  await securityHeaders(server)
  crossOrigin(server, site.config)
  timeLimit(server, site)
  maintenance(server, site)
  requestHooks(server, site)
  besidesResult(server)
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
    const command = commandOf(request)
    if (command !== undefined) return callMethod(site, command, request, reply)
    throw new PageDoesNotExistError(`There is nothing at ${pathOf(request).slice(0, 200)}.`)
  })
  server.addHook('onClose', () => {
    hub.close()
  })
  healthRoutes(server, site)
  await fileRoutes(server, site)
  methodRoutes(server, site)
  resourceRoutes(server, site)
  pageRoutes(server, site, build)
  appPages(server, site, build)
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

type Trusted = boolean | string | string[] | ((address: string, hop: number) => boolean)

/** A number is how many proxies there are. The CLI writes texts: they mean what they say. */
function trustedProxies({ trust_proxy: trusted = false }: SiteConfig): Trusted {
  if (typeof trusted === 'number' || (typeof trusted === 'string' && /^\d+$/.test(trusted))) {
    const proxies = Number(trusted)
    return (_address, hop) => hop < proxies
  }
  return typeof trusted === 'string' && /^(true|false)$/i.test(trusted)
    ? trusted.toLowerCase() === 'true'
    : trusted
}

/** While a site is worked on nobody is served but those who ask whether it lives. */
function maintenance(server: FastifyInstance, site: Site): void {
  if (!site.config.maintenance_mode) return
  server.addHook('onRequest', (request, _reply, done) => {
    const free = /^\/(healthz|readyz)$|^\/assets\//.test(pathOf(request))
    done(free ? undefined : new SessionStopped('This site is being worked on. Try again in a few minutes.'))
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
