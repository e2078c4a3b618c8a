import { ChevronRight } from 'lucide'
import { initials, tone } from './avatar.ts'
import { html, type Html } from './html.ts'
import { iconHtml } from './icon.ts'
import { pathOf, type Sidebar } from './routes.ts'

/** Home: every module as a card with its DocTypes. */
export function renderHome(boot: { user: { full_name: string }; sidebar: Sidebar }): Html {
  const firstName = boot.user.full_name.trim().split(/\s+/)[0] ?? ''
  return html`<div class="home">
    <header class="page-head"><h1>${firstName ? `Welcome, ${firstName}` : 'Welcome'}</h1></header>
    ${boot.sidebar.length > 0 ? html`<div class="modules">${boot.sidebar.map(moduleCard)}</div>` : noModules()}
  </div>`
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
