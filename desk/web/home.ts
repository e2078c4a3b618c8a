import { ChevronRight } from 'lucide'
import { initials, tone } from './avatar.ts'
import { html, type Html } from './html.ts'
import { iconHtml } from './icon.ts'
import { pathOf, type Sidebar } from './routes.ts'

/** An app that the user may open, as boot tells it. */
export interface AppCard {
  name: string
  title: string
  route: string
  logo: string
}

export interface HomeBoot {
  user: { full_name: string }
  sidebar: Sidebar
  apps_screen?: readonly AppCard[]
}

/** Home: the apps that may be opened, and every module as a card with its DocTypes. */
export function renderHome(boot: HomeBoot): Html {
  const firstName = boot.user.full_name.trim().split(/\s+/)[0] ?? ''
  return html`<div class="home">
    <header class="page-head"><h1>${firstName ? `Welcome, ${firstName}` : 'Welcome'}</h1></header>
    ${boot.apps_screen?.length ? appCards(boot.apps_screen) : null}
    ${boot.sidebar.length > 0 ? html`<div class="modules">${boot.sidebar.map(moduleCard)}</div>` : noModules()}
  </div>`
}

function appCards(apps: readonly AppCard[]): Html {
  return html`<nav class="apps-screen" aria-label="Apps">
    ${apps.map(
      ({ title, route, logo }) =>
        html`<a class="app-card" href="${route}"
          >${
            logo.startsWith('/')
              ? html`<img src="${logo}" alt="" width="28" height="28" />`
              : html`<span class="tile tone-${tone(title)}" aria-hidden="true">${initials(title)}</span>`
          }<span>${title}</span></a
        >`,
    )}
  </nav>`
}

function moduleCard({ module, doctypes }: Sidebar[number], index: number): Html {
  return html`<section class="module" aria-labelledby="card-${index}">
    <div class="module-head">
      <span class="tile tone-${tone(module)}" aria-hidden="true">${initials(module)}</span>
      <h2 id="card-${index}">${module}</h2>
    </div>
    <ul>
      ${doctypes.map(
        ({ name }) =>
          html`<li>
            <a href="${pathOf(name)}"><span>${name}</span>${iconHtml(ChevronRight, 16)}</a>
          </li>`,
      )}
    </ul>
  </section>`
}

function noModules(): Html {
  return html`<div class="empty">
    <p class="empty-title">Nothing to open yet</p>
    <p>Your user has no role that may read documents here. Ask an administrator for one.</p>
  </div>`
}
