import type { FastifyReply } from 'fastify'
import type { Site } from '../site/site.ts'
import type { AssetUrl } from '../web/index.ts'

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
  return reply.type('text/html; charset=utf-8').header('Cache-Control', 'no-store').send(html)
}
