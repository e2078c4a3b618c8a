/** What the server knew when it rendered the page. The desk writes it as JSON into `#boot`. */
export interface Boot {
  user: BootUser
  sitename: string
  csrf_token: string
  lang: string
  /** `system` is the zone that all times on the wire are in. */
  time_zone: { system: string }
  build: string
  protocol: number
  apps: { name: string; title: string }[]
  sidebar: { module: string; doctypes: { name: string; route: string }[] }[]
  app_data: Record<string, unknown>
  /** Where people log in; empty where another application does that, in pages of its own. */
  login_url: string
}

export interface BootUser {
  name: string
  full_name: string
  user_image: string
  user_type: string
  roles: string[]
  language: string
}

/** Where a boot may come from: the desk's JSON element, Frappe's `frappe.boot`, or Frappe's cookies. */
export interface BootSources {
  json?: string | undefined
  frappe?: unknown
  cookie?: string | undefined
}

type Dict = Record<string, unknown>

export const isDict = (value: unknown): value is Dict =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const text = (value: unknown, fallback = ''): string =>
  typeof value === 'string' && value ? value : typeof value === 'number' ? String(value) : fallback

const dict = (value: unknown): Dict => (isDict(value) ? value : {})

const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : [])

/** JSON text or an object to an object; anything else, malformed text included, to an empty one. */
function decode(value: unknown): Dict {
  if (typeof value !== 'string') return dict(value)
  try {
    return dict(JSON.parse(value))
  } catch {
    return {}
  }
}

/** The readable cookies of Frappe's login (`user_id`, `full_name`, …), percent-decoded. */
export function readCookies(cookie: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const pair of cookie.split('; ')) {
    const at = pair.indexOf('=')
    if (at < 1) continue
    try {
      values[pair.slice(0, at)] = decodeURIComponent(pair.slice(at + 1))
    } catch {
      continue
    }
  }
  return values
}

/**
 * One Boot from whatever the page offers: the desk's JSON, else `frappe.boot` (an object or JSON text, with
 * Frappe's own key names), else the login cookies, so that a page without a boot still knows its user.
 */
export function readBoot({ json, frappe, cookie = '' }: BootSources): Boot {
  const boot = json === undefined ? decode(frappe) : decode(json)
  const user = dict(boot.user)
  const cookies = readCookies(cookie)
  const name = text(user.name, text(cookies.user_id, 'Guest'))
  const info = dict(dict(boot.user_info)[name])
  const zones = dict(boot.time_zone)
  return {
    user: {
      name,
      full_name: text(user.full_name, text(info.fullname, text(cookies.full_name, name))),
      user_image: text(user.user_image, text(info.image, text(cookies.user_image))),
      user_type: text(user.user_type, cookies.system_user === 'yes' ? 'System User' : 'Website User'),
      roles: list(user.roles),
      language: text(user.language, text(boot.lang, 'en')),
    },
    sitename: text(boot.sitename),
    csrf_token: text(boot.csrf_token),
    lang: text(boot.lang, 'en'),
    time_zone: { system: text(zones.system, text(dict(boot.sysdefaults).time_zone, 'UTC')) },
    build: text(boot.build),
    protocol: typeof boot.protocol === 'number' ? boot.protocol : 1,
    apps: list(boot.apps),
    sidebar: list(boot.sidebar),
    app_data: dict(boot.app_data),
    login_url: typeof boot.login_url === 'string' ? boot.login_url : '/login',
  }
}
