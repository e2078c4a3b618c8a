import type { Context } from '../context.ts'
import { slug } from '../meta/meta.ts'
import { PROTOCOL } from '../realtime/frames.ts'
import type { Session } from '../site/sessions.ts'

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
}

/** What a page knows before its first request (frappe-contract.md §7); apps add to it by `extend_bootinfo`. */
export async function bootInfo(
  ctx: Context,
  session: Session,
  csrfToken: string,
  build: string,
): Promise<BootInfo> {
  const { site } = ctx
  const lang = session.language ?? 'en'
  const boot: BootInfo = {
    user: {
      name: session.user,
      full_name: session.fullName,
      user_image: session.userImage ?? '',
      user_type: session.systemUser ? 'System User' : 'Website User',
      roles: [...(await ctx.roles())].sort(),
      language: lang,
    },
    sitename: site.name,
    csrf_token: csrfToken,
    lang,
    time_zone: { system: site.clock.zone },
    build,
    protocol: PROTOCOL,
    apps: site.registry.apps.map(({ definition: { name, title } }) => ({ name, title })),
    sidebar: await sidebar(ctx),
    app_data: {},
  }
  for (const extend of site.registry.hooks((app) => app.extend_bootinfo)) await extend(boot, ctx)
  return boot
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
