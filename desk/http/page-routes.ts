import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PermissionError } from '../errors.ts'
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
import { callMethod, commandOf, LOGINS_ARE_THE_HOSTS } from './method-routes.ts'
import { assetUrls, page, titleOf, toLogin } from './pages.ts'
import { pathOf, servedBy } from './served.ts'

/** The desk itself. */
export function deskRoutes(server: FastifyInstance, site: Site, build: string): void {
  const desk = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    deskPage(request, reply, site, build)
  server.get('/desk', desk)
  server.get('/desk/*', desk)
}

/** The way in, and the old `/app` addresses: where all addresses are the site's own. */
export function homeRoutes(server: FastifyInstance, site: Site): void {
  server.get('/', (request, reply) => {
    const command = commandOf(request)
    return command === undefined
      ? reply.redirect(`${servedBy(request).base}/desk`)
      : callMethod(site, command, request, reply)
  })
  const toDesk = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { base } = servedBy(request)
    return reply.redirect(base + request.url.slice(base.length).replace(/^\/app/, '/desk'))
  }
  server.get('/app', toDesk)
  server.get('/app/*', toDesk)
}

/** Pages to log in with a password, and to get a new one. */
export function loginPages(server: FastifyInstance, site: Site, build: string): void {
  const assets = assetUrls(build)
  server.get<{ Querystring: Record<string, string | undefined> }>('/login', async (request, reply) => {
    const target = safeRedirect(request.query['redirect-to'])
    const { session } = await identify(site, request)
    if (session?.systemUser) return reply.redirect(target ?? `${servedBy(request).base}/desk`)
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
      if (!withKey && !session) return reply.redirect(`${servedBy(request).base}/login`)
      const csrfToken = session ? await ensureCsrfToken(site, session) : undefined
      return page(reply, renderUpdatePassword({ siteTitle: titleOf(site), assets, withKey, csrfToken }))
    },
  )
}

/** Where an application says who its users are, the same addresses say so. */
export function noLoginPages(server: FastifyInstance): void {
  for (const path of ['/login', '/forgot-password', '/update-password'])
    server.get(path, () => {
      throw new PermissionError(LOGINS_ARE_THE_HOSTS)
    })
}

async function deskPage(
  request: FastifyRequest,
  reply: FastifyReply,
  site: Site,
  build: string,
): Promise<FastifyReply> {
  const { session, visitor, identity } = await identify(site, request)
  if (!visitor) return toLogin(request, reply)
  const assets = assetUrls(build)
  if (!visitor.systemUser) {
    const message = 'Your account is not one for the desk. Ask an administrator if you need it.'
    return page(reply.status(403), renderError({ status: 403, title: 'No access', message, assets }))
  }
  const csrf = session ? await ensureCsrfToken(site, session) : ''
  const served = servedBy(request)
  const boot = await site.read(identity, (ctx) => bootInfo(ctx, visitor, csrf, build, served))
  return page(
    reply,
    renderDesk({
      boot,
      assets,
      path: pathOf(request),
      appScripts: site.registry.hooks((app) => app.app_include_js),
      appStyles: site.registry.hooks((app) => app.app_include_css),
    }),
  )
}
