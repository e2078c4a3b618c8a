import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PermissionError } from '../errors.ts'
import type { PageDefinition } from '../page.ts'
import { ensureCsrfToken } from '../site/sessions.ts'
import type { Site } from '../site/site.ts'
import { renderAppPage } from '../web/index.ts'
import { bootInfo, guestBoot } from './boot.ts'
import { identify } from './identify.ts'
import { assetUrls, page, titleOf, toLogin } from './pages.ts'
import { servedBy } from './served.ts'

/** The apps' own pages (`pages`), at the addresses of their `website_route_rules`. */
export function appPages(server: FastifyInstance, site: Site, build: string): void {
  const pages = new Map(
    site.registry.apps.flatMap(({ definition }) => Object.entries(definition.pages ?? {})),
  )
  for (const { from_route, to_route } of site.registry.hooks((app) => app.website_route_rules)) {
    const definition = pages.get(to_route)
    if (!definition) {
      throw new Error(
        `website_route_rules: ${from_route} leads to "${to_route}", but no app has a page of that name.`,
      )
    }
    const { url, rest } = fastifyRoute(from_route)
    server.get(url, (request, reply) =>
      show(site, build, definition, paramsOf(request, rest), request, reply),
    )
  }
}

/** `/call/<name>` and `/docs/<path:rest>` of Frappe's rules (Werkzeug's) as Fastify has them. */
function fastifyRoute(rule: string): { url: string; rest: string | undefined } {
  if (!rule.startsWith('/')) throw new Error(`website_route_rules: "${rule}" must begin with "/".`)
  const [, rest] = /<path:(\w+)>$/.exec(rule) ?? []
  return { url: rule.replace(/<path:\w+>$/, '*').replace(/<(?:\w+:)?(\w+)>/g, ':$1'), rest }
}

function paramsOf(request: FastifyRequest, rest: string | undefined): Record<string, string> {
  const { '*': tail, ...params } = request.params as Record<string, string>
  return rest === undefined ? params : { ...params, [rest]: tail ?? '' }
}

async function show(
  site: Site,
  build: string,
  definition: PageDefinition,
  params: Record<string, string>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { session, visitor, identity } = await identify(site, request)
  if (!visitor && !definition.allowGuest) return toLogin(request, reply)
  // A page is for its session; who only sends a key wants an answer and no page.
  if (visitor && identity.user !== visitor.user)
    throw new PermissionError('Open pages with the session of one user.')
  const served = servedBy(request)
  const csrf = session ? await ensureCsrfToken(site, session) : ''
  const boot = await site.read(identity, async (ctx) => ({
    ...(visitor ? await bootInfo(ctx, visitor, csrf, build, served) : guestBoot(site, build, served)),
    page: (await definition.context?.(params, ctx)) ?? null,
  }))
  const included = (key: 'web_include_js' | 'web_include_css'): string[] =>
    site.registry.hooks<string>((app) => app[key])
  return page(
    reply,
    renderAppPage({
      title: definition.title,
      siteTitle: titleOf(site),
      lang: boot.lang,
      boot,
      assets: assetUrls(build),
      scripts: [...included('web_include_js'), ...definition.scripts],
      styles: [...included('web_include_css'), ...(definition.styles ?? [])],
    }),
  )
}
