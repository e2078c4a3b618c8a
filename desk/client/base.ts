/**
 * What stands before every address of the site, such as `/chat-desk`, by the address of one of its scripts, which lie
 * in `<base>/assets/<app>/`; empty at the root, and for a script that the site itself does not serve.
 */
export function baseOf(script: string, page: string): string {
  if (!URL.canParse(script) || !URL.canParse(page)) return ''
  const { origin, pathname } = new URL(script)
  if (origin !== new URL(page).origin) return ''
  return /^(.*)\/assets\/[^/]+\/[^/]+$/.exec(pathname)?.[1] ?? ''
}

const base = baseOf(import.meta.url, 'location' in globalThis ? location.href : '')

/** The address of a path of the site, such as `/files/plan.pdf`; what is no path of it stays as it is. */
export function siteAddress(path: string): string {
  return /^\/(?!\/)/.test(path) ? base + path : path
}
