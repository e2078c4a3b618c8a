import type { Site } from './site.ts'

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/

/** Whether a Host header names this site: what else it may say must never get into a link that is mailed. */
function isOwnHost(site: Pick<Site, 'name' | 'config'>, hostname: string): boolean {
  const configured = configuredUrl(site)
  return (
    hostname === site.name ||
    (configured !== undefined && hostname === new URL(configured).hostname) ||
    LOOPBACK.test(hostname)
  )
}

/** `host_name` of the config, with its scheme. */
function configuredUrl({ config }: Pick<Site, 'config'>): string | undefined {
  const name = config.host_name?.trim().replace(/\/+$/, '')
  if (!name) return undefined
  const url = /^https?:\/\//.test(name) ? name : `https://${name}`
  return URL.canParse(url) ? url : undefined
}

/** The address that a request came to, if it is one of the site's own. */
export function ownOrigin(
  site: Pick<Site, 'name' | 'config'>,
  protocol: string,
  host: string | undefined,
): string | undefined {
  const address = `${protocol}://${host ?? ''}`
  if (!host || !URL.canParse(address)) return undefined
  const { hostname, origin } = new URL(address)
  return isOwnHost(site, hostname) ? origin : undefined
}

/**
 * Where people reach the site, without a slash at the end, for links in mails: `host_name` of the config, else the
 * address that the caller came to where it is the site's own, else its name.
 */
export function siteUrl(site: Pick<Site, 'name' | 'config'>, origin?: string): string {
  return configuredUrl(site) ?? origin ?? `http://${site.name}`
}
