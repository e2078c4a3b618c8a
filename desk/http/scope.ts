import { existsSync } from 'node:fs'
import path from 'node:path'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { PageDoesNotExistError, SessionStopped, ValidationError } from '../errors.ts'
import { CloseCode } from '../realtime/frames.ts'
import { Hub } from '../realtime/hub.ts'
import { socketRoute } from '../realtime/socket.ts'
import type { Site } from '../site/site.ts'
import { appPages } from './app-pages.ts'
import { besidesResult } from './besides-result.ts'
import { bootRoute } from './boot-route.ts'
import { crossOrigin } from './cors.ts'
import { docsRoutes } from './docs-routes.ts'
import { answerError } from './error-answers.ts'
import { fileRoutes } from './file-routes.ts'
import { HostLogins, type Identify } from './host-logins.ts'
import { callMethod, commandOf, methodRoutes } from './method-routes.ts'
import { deskRoutes, homeRoutes, loginPages, noLoginPages } from './page-routes.ts'
import { requestHooks } from './request-hooks.ts'
import { resourceRoutes } from './resource-routes.ts'
import { securityHeaders } from './security-headers.ts'
import { decorateServed, pathOf } from './served.ts'
import { timeLimit } from './time-limit.ts'
import { acceptSockets } from './upgrades.ts'

export const BODY_LIMIT = 1024 * 1024

export interface ScopeOptions {
  site: Site
  /** Changes with every build; pages offer a reload when it does. */
  build: string
  /** Seconds between the server's pings of a socket (default 25). */
  pingSeconds?: number
}

export interface EmbedOptions {
  /** Who sends a request, where the application says it and not desk's own login. */
  identify?: Identify | undefined
}

/**
 * Serves a site in a scope of Fastify: routes, sockets, hooks, errors.
 * @param embedded the scope is one of somebody else's application: what lies outside of it stays as it is, and with no
 * prefix of its own the scope has only the addresses that desk cannot do without
 */
export async function serveSite(
  server: FastifyInstance,
  { site, build, pingSeconds }: ScopeOptions,
  embedded?: EmbedOptions,
): Promise<void> {
  const host = embedded?.identify ? new HostLogins(site, embedded.identify) : null
  const base = server.prefix.replace(/\/+$/, '')
  const hasAll = !embedded || base !== ''
  decorateServed(server, { base, host })
  const hub = new Hub(site.bus)
  server.addHook('onRoute', (route) => {
    route.bodyLimit ??= BODY_LIMIT
  })
  await securityHeaders(server)
  crossOrigin(server, site.config)
  timeLimit(server, site)
  maintenance(server, site)
  requestHooks(server, site)
  besidesResult(server, site)
  if (!server.hasRequestDecorator('cookies')) await server.register(cookie)
  await bodies(server)
  await acceptSockets(server, embedded && `${base}/realtime`)
  server.setErrorHandler((error, request, reply) => answerError(site, build, error, request, reply))
  server.addHook('preClose', (done) => {
    hub.closeSockets(CloseCode.restart, 'restart')
    done()
  })
  server.addHook('onClose', () => {
    hub.close()
  })
  await fileRoutes(server, site)
  methodRoutes(server, site)
  bootRoute(server, site, build)
  docsRoutes(server, site, build)
  resourceRoutes(server, site)
  deskRoutes(server, site, build)
  appPages(server, site, build)
  if (hasAll) {
    nothingElse(server, site)
    healthRoutes(server, site)
    homeRoutes(server, site)
  }
  if (!host) loginPages(server, site, build)
  else if (hasAll) noLoginPages(server)
  socketRoute(server, { site, hub, build, ...(pingSeconds === undefined ? {} : { pingSeconds }) })
  await assetRoutes(server, site)
}

/** Bytes that are no text are refused: what they stood for would be lost for good. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** Bodies are read as desk reads them, whatever the application around it does; clients send JSON's type without one. */
async function bodies(server: FastifyInstance): Promise<void> {
  server.removeContentTypeParser(['application/json', 'text/plain', 'application/x-www-form-urlencoded'])
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      const text = strictUtf8.decode(typeof body === 'string' ? Buffer.from(body) : body)
      done(null, text.trim() === '' ? undefined : JSON.parse(text))
    } catch {
      done(new ValidationError('The body of the request is not valid JSON in UTF-8.'))
    }
  })
  server.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body)
  })
  await server.register(formbody)
}

/** While a site is worked on nobody is served but those who ask whether it lives. */
function maintenance(server: FastifyInstance, site: Site): void {
  if (!site.config.maintenance_mode) return
  server.addHook('onRequest', (request, _reply, done) => {
    const free = /^\/(healthz|readyz)$|^\/assets\//.test(pathOf(request))
    done(free ? undefined : new SessionStopped('This site is being worked on. Try again in a few minutes.'))
  })
}

/** Every other address: a method by its argument `cmd`, or nothing. */
function nothingElse(server: FastifyInstance, site: Site): void {
  server.setNotFoundHandler((request, reply) => {
    const command = commandOf(request)
    if (command !== undefined) return callMethod(site, command, request, reply)
    throw new PageDoesNotExistError(`There is nothing at ${pathOf(request).slice(0, 200)}.`)
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
  const hasReply = server.hasReplyDecorator('sendFile')
  for (const [index, app] of withPages.entries()) {
    await server.register(fastifyStatic, {
      root: path.join(app.root, 'public', 'dist'),
      prefix: `/assets/${app.definition.name}/`,
      decorateReply: index === 0 && !hasReply,
      cacheControl: false,
      setHeaders: (response, file) => {
        const hashed = /-[A-Z0-9]{8}\.\w+$/.test(file)
        response.header('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }
}
