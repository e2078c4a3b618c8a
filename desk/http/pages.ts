import type { FastifyReply, FastifyRequest } from 'fastify'
import { AuthenticationError } from '../errors.ts'
import type { Site } from '../site/site.ts'
import type { AssetUrl } from '../web/index.ts'
import { servedBy } from './served.ts'

/** The name that pages show: the site's, without a domain's tail. */
export function titleOf(site: Site): string {
  const [first = site.name] = site.name.split('.')
  return first.charAt(0).toUpperCase() + first.slice(1)
}

/** desk's own files, with the build in the address so that a new one is fetched. */
export function assetUrls(build: string): AssetUrl {
  return (name) => `/assets/desk/${name}?v=${build}`
}

export function page(reply: FastifyReply, html: string): FastifyReply {
  const { base } = servedBy(reply)
  return reply
    .type('text/html; charset=utf-8')
    .header('Cache-Control', 'no-store')
    .send(underBase(html, base))
}

/**
 * Pages are written for the root of an address. This puts what the site really stands under before what they link:
 * attributes alone, since a page holds no other `="` (text, and JSON in scripts, have their quotes escaped).
 */
export function underBase(html: string, base: string): string {
  return base === '' ? html : html.replace(/(\s(?:href|src|action)=")(?=\/(?!\/))/g, `$1${base}`)
}

/** Where somebody logs in who must for this page. @throws AuthenticationError where another application does that */
export function toLogin(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { base, host } = servedBy(reply)
  if (host)
    throw new AuthenticationError('Log in to the application that this page is part of, then load it again.')
  return reply.redirect(`${base}/login?redirect-to=${encodeURIComponent(request.url)}`)
}
