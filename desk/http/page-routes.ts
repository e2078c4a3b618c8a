import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Site } from '../site/site.ts'
import { ensureCsrfToken } from '../site/sessions.ts'
import {
  renderDesk,
  renderError,
  renderForgotPassword,
  renderLogin,
  renderUpdatePassword,
  safeRedirect,
} from '../web/index.ts'
import { bootInfo } from './boot.ts'
import { identify } from './identify.ts'
import { callMethod, commandOf } from './method-routes.ts'
import { assetUrls, page, titleOf } from './pages.ts'

/** Pages for people: login, the desk, and the old `/app` addresses. */
export function pageRoutes(server: FastifyInstance, site: Site, build: string): void {
  const assets = assetUrls(build)
  server.get('/', (request, reply) => {
    const command = commandOf(request)
    return command === undefined ? reply.redirect('/desk') : callMethod(site, command, request, reply)
  })
  server.get<{ Querystring: Record<string, string | undefined> }>('/login', async (request, reply) => {
    const target = safeRedirect(request.query['redirect-to'])
    const { session } = await identify(site, request)
    if (session?.systemUser) return reply.redirect(target ?? '/desk')
    return page(
      reply,
      renderLogin({
        siteTitle: titleOf(site),
        assets,
        redirectTo: target ?? undefined,
        demoLogins: site.config.demo_logins,
      }),
    )
  })
  server.get('/forgot-password', (_request, reply) =>
    page(reply, renderForgotPassword({ siteTitle: titleOf(site), assets })),
  )
  server.get<{ Querystring: Record<string, string | undefined> }>(
    '/update-password',
    async (request, reply) => {
      const { session } = await identify(site, request)
      const { key } = request.query
      const withKey = typeof key === 'string' && key !== ''
      if (!withKey && !session) return reply.redirect('/login')
      const csrfToken = session ? await ensureCsrfToken(site, session) : undefined
      return page(reply, renderUpdatePassword({ siteTitle: titleOf(site), assets, withKey, csrfToken }))
    },
  )
  const desk = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    deskPage(request, reply, site, build)
  server.get('/desk', desk)
  server.get('/desk/*', desk)
  const toDesk = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply.redirect(request.url.replace(/^\/app/, '/desk'))
  server.get('/app', toDesk)
  server.get('/app/*', toDesk)
}

async function deskPage(
  request: FastifyRequest,
  reply: FastifyReply,
  site: Site,
  build: string,
): Promise<FastifyReply> {
  const { session, identity } = await identify(site, request)
  if (!session) return reply.redirect(`/login?redirect-to=${encodeURIComponent(request.url)}`)
  const assets = assetUrls(build)
  if (!session.systemUser) {
    const message = 'Your account is not one for the desk. Ask an administrator if you need it.'
    return page(reply.status(403), renderError({ status: 403, title: 'No access', message, assets }))
  }
  const csrf = await ensureCsrfToken(site, session)
  const boot = await site.read(identity, (ctx) => bootInfo(ctx, session, csrf, build))
  return page(
    reply,
    renderDesk({
      boot,
      assets,
      path: request.url.split('?')[0],
      appScripts: site.registry.hooks((app) => app.app_include_js),
      appStyles: site.registry.hooks((app) => app.app_include_css),
    }),
  )
}
