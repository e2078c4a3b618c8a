import type { FastifyRequest } from 'fastify'
import { originTrusted } from '../realtime/origin.ts'
import type { SiteConfig } from '../site/config.ts'

/** Credentials that browsers send along by themselves, whichever page asks. */
const BY_ITSELF = /^(basic|digest|negotiate|ntlm)\b/i

/**
 * Whether a request comes from a page of the site itself, or of an origin in `allow_cors`, or from no browser at all.
 * Browsers say where a request comes from, in Origin with everything but GET, and in Sec-Fetch-Site. What says
 * nothing is a program, and believed if it brings nothing that a browser would have sent by itself.
 */
export function fromOwnPage({ headers, host }: FastifyRequest, config: SiteConfig): boolean {
  const { origin, cookie, authorization = '', 'sec-fetch-site': from } = headers
  if (origin !== undefined) return originTrusted(origin, host, config)
  if (from !== undefined) return from === 'same-origin' || from === 'none'
  return cookie === undefined && !BY_ITSELF.test(authorization)
}
