import type { SiteConfig } from '../site/config.ts'

/** Whether a page of this origin may open a socket: the site's own host, or one that `allow_cors` lists. */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  config: SiteConfig,
): boolean {
  return origin === undefined || isListed(config, '*') || originTrusted(origin, host, config)
}

/**
 * Whether such a page may use its visitor's cookies, too: with `*` in `allow_cors` any page may open a socket, but
 * must bring an Authorization header of its own.
 */
export function originTrusted(
  origin: string | undefined,
  host: string | undefined,
  config: SiteConfig,
): boolean {
  if (origin === undefined || !URL.canParse(origin)) return false
  const asked = new URL(origin)
  const own = [host, config.host_name?.replace(/^https?:\/\//, '').replace(/\/.*$/, '')]
  return own.includes(asked.host) || isListed(config, asked.origin)
}

const isListed = ({ allow_cors: listed = [] }: SiteConfig, origin: string): boolean =>
  [listed].flat().includes(origin)
