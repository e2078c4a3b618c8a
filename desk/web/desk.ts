import { LogOut, Menu, Monitor, Moon, Sun, type IconNode } from 'lucide'
import { avatarHtml } from './avatar.ts'
import { breadcrumb } from './breadcrumb.ts'
import { renderHome, type AppCard } from './home.ts'
import { html, type Html } from './html.ts'
import { iconHtml } from './icon.ts'
import { commonAssets, logoTile, renderPage, type AssetUrl, type Theme } from './page.ts'
import { doctypeOf, parsePath, pathOf, slugOf, type Route, type Sidebar } from './routes.ts'

/** The parts of boot that the shell shows. Boot itself has more and goes into the page whole. */
export interface ShellBoot {
  /** Empty where another application logs people in and out. */
  login_url?: string
  user: { name: string; full_name: string; user_image?: string | null }
  sitename: string
  lang: string
  sidebar: Sidebar
  apps_screen?: readonly AppCard[]
}

export interface DeskOptions {
  boot: ShellBoot
  /** URLs of the apps' own modules and styles (`app_include_js`, `app_include_css`). */
  appScripts: readonly string[]
  appStyles: readonly string[]
  assets: AssetUrl
  /** The path that was asked for, so that title, breadcrumb and sidebar are right before scripts run. */
  path?: string | undefined
  theme?: Theme | undefined
}

/** The desk: navbar, sidebar and home as HTML that works by itself; `desk.js` brings the lists and forms. */
export function renderDesk(options: DeskOptions): string {
  const { boot, appScripts, appStyles, assets, path = '/desk', theme } = options
  const common = commonAssets(assets)
  const route = parsePath(path) ?? { view: 'home' }
  const crumbs = breadcrumb(route, boot.sidebar)
  return renderPage({
    title: `${crumbs.at(-1)?.label ?? 'Home'} · ${boot.sitename}`,
    lang: boot.lang,
    theme,
    boot,
    styles: [...common.styles, assets('desk.css'), ...appStyles],
    earlyScripts: common.earlyScripts,
    icon: common.icon,
    scripts: [assets('desk.js'), ...appScripts],
    body: html`<a class="skip-link" href="#main">Skip to content</a>
      ${navbar(boot, crumbs)}
      <div class="main-section">
        ${sidebar(boot.sidebar, route)}
        <main id="main" class="page" tabindex="-1">
          <div id="desk-home" ${route.view === 'home' ? null : html` hidden`}>${renderHome(boot)}</div>
          <div id="desk-view">
            ${route.view === 'home' ? null : html`<p class="loading" role="status">Loading…</p>`}
          </div>
          <noscript><p class="notice">Lists and forms need JavaScript.</p></noscript>
        </main>
      </div>
      <div id="desk-alerts" class="alerts" role="status" aria-live="polite"></div>`,
  })
}

/** Frappe 15's navbar, in the light DOM: whatever finds its place in that one finds it here too. */
function navbar(boot: ShellBoot, crumbs: ReturnType<typeof breadcrumb>): Html {
  return html`<header class="navbar">
    <div class="container">
      <button type="button" class="icon-button sidebar-button" popovertarget="sidebar" aria-label="Menu">
        ${iconHtml(Menu)}
      </button>
      <a class="navbar-brand navbar-home" href="/desk" aria-label="${boot.sitename}, home"
        >${logoTile(boot.sitename)}</a
      >
      <nav id="navbar-breadcrumbs" aria-label="Breadcrumb">
        <ol>
          ${crumbs.map((crumb, index) => {
            if (index === crumbs.length - 1) return html`<li aria-current="page">${crumb.label}</li>`
            return crumb.href
              ? html`<li><a href="${crumb.href}">${crumb.label}</a></li>`
              : html`<li>${crumb.label}</li>`
          })}
        </ol>
      </nav>
      <div class="navbar-collapse">
        <ul class="navbar-nav">
          <li class="nav-item dropdown dropdown-navbar-user">
            ${userMenu(boot.user, boot.login_url !== '')}
          </li>
        </ul>
      </div>
    </div>
  </header>`
}

function userMenu(user: ShellBoot['user'], mayLogOut: boolean): Html {
  return html`<button
      type="button"
      class="btn-reset nav-link"
      popovertarget="toolbar-user"
      aria-label="User menu, ${user.full_name}"
    >
      ${avatarHtml(user)}
    </button>
    <div id="toolbar-user" class="user-menu" popover>
      <div class="user-menu-head">
        ${avatarHtml(user)}
        <div><strong>${user.full_name}</strong><span>${user.name}</span></div>
      </div>
      <fieldset class="theme-choice">
        <legend>Theme</legend>
        <div class="segments">
          ${themeOption('light', 'Light', Sun)}${themeOption('dark', 'Dark', Moon)}${themeOption('system', 'System', Monitor)}
        </div>
      </fieldset>
      ${
        mayLogOut
          ? html`<button type="button" id="log-out" class="menu-item">
              ${iconHtml(LogOut)}<span>Log out</span>
            </button>`
          : null
      }
    </div>`
}

function themeOption(value: string, label: string, icon: IconNode): Html {
  const checked = value === 'system' ? html` checked` : null
  return html`<label
    ><input type="radio" name="desk-theme" value="${value}" ${checked} />${iconHtml(icon, 16)}<span
      >${label}</span
    ></label
  >`
}

function sidebar(modules: Sidebar, route: Route): Html {
  const active = route.view === 'home' ? null : slugOf(doctypeOf(route.slug, modules).doctype)
  const link = (href: string, label: string, current: boolean) =>
    html`<li><a href="${href}" ${current ? html` aria-current="page"` : null}>${label}</a></li>`
  return html`<nav id="sidebar" class="sidebar" popover aria-label="Documents">
    <ul>
      ${link('/desk', 'Home', active === null)}
    </ul>
    ${modules.map(
      ({ module, doctypes }, index) =>
        html`<h2 id="module-${index}">${module}</h2>
          <ul aria-labelledby="module-${index}">
            ${doctypes.map(({ name }) => link(pathOf(name), name, slugOf(name) === active))}
          </ul>`,
    )}
  </nav>`
}
