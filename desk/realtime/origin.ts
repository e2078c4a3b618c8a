import type { SiteConfig } from '../site/config.ts'

/** Whether a page of this origin may open a socket: the site's own host, or one that `allow_cors` lists. */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  config: SiteConfig,
): boolean {
  if (origin === undefined) return true
  let asked: URL
  try {
    asked = new URL(origin)
  } catch {
    return false
  }
  const listed = [config.allow_cors ?? []].flat()
  const own = [host, config.host_name?.replace(/^https?:\/\//, '')]
  return own.includes(asked.host) || listed.includes('*') || listed.includes(asked.origin)
}
