import type { Context } from '../context.ts'
import { slug } from '../meta/meta.ts'
import { PROTOCOL } from '../realtime/frames.ts'
import { GUEST } from '../permissions/roles.ts'
import type { Login } from '../site/sessions.ts'
import type { Site } from '../site/site.ts'
import type { Served } from './served.ts'

export interface BootInfo extends Record<string, unknown> {
  user: {
    name: string
    full_name: string
    user_image: string
    user_type: string
    roles: string[]
    language: string
  }
  sitename: string
  lang: string
  sidebar: { module: string; doctypes: { name: string; route: string }[] }[]
  /** Cards of the apps that the user may open (`add_to_apps_screen`). */
  apps_screen: { name: string; title: string; route: string; logo: string }[]
}

/**
 * What a page knows before its first request (frappe-contract.md §7); apps add to it by `boot_session` and
 * `extend_bootinfo`.
 */
export async function bootInfo(
  ctx: Context,
  visitor: Login,
  csrfToken: string,
  build: string,
  served: Served,
): Promise<BootInfo> {
  const { site } = ctx
  const lang = visitor.language ?? 'en'
  const boot: BootInfo = {
    user: {
      name: visitor.user,
      full_name: visitor.fullName,
      user_image: visitor.userImage ?? '',
      user_type: visitor.systemUser ? 'System User' : 'Website User',
      roles: [...(await ctx.roles())].sort(),
      language: lang,
    },
    sitename: site.name,
    csrf_token: csrfToken,
    lang,
    time_zone: { system: site.clock.zone },
    build,
    protocol: PROTOCOL,
    ...addresses(served),
    apps: site.registry.apps.map(({ definition: { name, title } }) => ({ name, title })),
    sidebar: await sidebar(ctx),
    apps_screen: await appsScreen(ctx),
    app_data: {},
  }
  for (const extend of site.registry.hooks((app) => app.boot_session)) await extend(boot, ctx)
  for (const extend of site.registry.hooks((app) => app.extend_bootinfo)) await extend(boot, ctx)
  return boot
}

/** What a page for everybody knows of somebody who has not logged in. */
export function guestBoot(
  site: Site,
  build: string,
  served: Served,
): Record<string, unknown> & { lang: string } {
  return {
    user: {
      name: GUEST,
      full_name: GUEST,
      user_image: '',
      user_type: 'Website User',
      roles: [GUEST],
      language: 'en',
    },
    sitename: site.name,
    lang: 'en',
    time_zone: { system: site.clock.zone },
    build,
    protocol: PROTOCOL,
    ...addresses(served),
  }
}

/** Where scripts find the site, and its login: nowhere, if another application does that. */
const addresses = ({ base, host }: Served): { base: string; login_url: string } => ({
  base,
  login_url: host ? '' : `${base}/login`,
})

async function appsScreen(ctx: Context): Promise<BootInfo['apps_screen']> {
  const cards: BootInfo['apps_screen'] = []
  for (const entry of ctx.site.registry.hooks((app) => app.add_to_apps_screen)) {
    const { name, title, route, logo = '', has_permission: may } = entry
    // An address of this site, whatever an app says.
    if (!/^\/(?![/\\])/.test(route)) continue
    if (!may || (await may(ctx))) cards.push({ name, title, route, logo })
  }
  return cards
}

/** Modules with the DocTypes that the caller may read: the newest apps first, desk's own last. */
async function sidebar(ctx: Context): Promise<BootInfo['sidebar']> {
  const modules = new Map<string, { name: string; route: string }[]>()
  const order = ctx.site.registry.apps.map((app) => app.definition.name).reverse()
  const metas = [...ctx.site.registry.metas()].filter((meta) => !meta.isTable)
  metas.sort((a, b) => order.indexOf(a.app) - order.indexOf(b.app) || a.name.localeCompare(b.name))
  for (const meta of metas) {
    if (!(await ctx.hasPermission(meta.name, 'read'))) continue
    const doctypes = modules.get(meta.module) ?? []
    doctypes.push({ name: meta.name, route: slug(meta.name) })
    modules.set(meta.module, doctypes)
  }
  return [...modules].map(([module, doctypes]) => ({ module, doctypes }))
}
