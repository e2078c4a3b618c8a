import { html, nothing, render } from 'lit'
import { siteAddress } from '../../client/base.ts'
import { deskClient } from '../../client/client.ts'
import { breadcrumb } from '../breadcrumb.ts'
import { doctypeOf, type Route } from '../routes.ts'
import { addressOf } from './paths.ts'

/** What is known of a place beyond its address. */
export interface Place {
  title?: string
  single?: boolean
}

/** Makes the page's title, breadcrumb and sidebar say where it is. */
export function showPlace(route: Route, place: Place): void {
  const { sidebar, sitename } = deskClient().boot
  const crumbs = breadcrumb(route, sidebar, place.single)
  document.title = `${place.title ?? crumbs.at(-1)?.label ?? ''} · ${sitename}`
  const list = document.querySelector<HTMLElement>('#navbar-breadcrumbs ol')
  if (list) {
    // The server's crumbs give way to the first ones rendered here.
    if (!list.hasAttribute('data-live')) list.replaceChildren()
    list.setAttribute('data-live', '')
    render(
      crumbs.map(({ label, href }, index) => {
        const last = index === crumbs.length - 1
        return html`<li aria-current=${last ? 'page' : nothing}>
          ${href && !last ? html`<a href=${siteAddress(href)}>${label}</a>` : label}
        </li>`
      }),
      list,
    )
  }
  markSidebar(route)
}

function markSidebar(route: Route): void {
  const { sidebar } = deskClient().boot
  const active =
    route.view === 'home' ? siteAddress('/desk') : addressOf(doctypeOf(route.slug, sidebar).doctype)
  for (const link of document.querySelectorAll('#sidebar a')) {
    if (link.getAttribute('href') === active) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
}

/** Closes the sidebar and the user menu where they float above the page. */
export function closeOverlays(): void {
  for (const id of ['sidebar', 'toolbar-user']) {
    const overlay = document.getElementById(id)
    if (overlay?.matches(':popover-open')) overlay.hidePopover()
  }
}

/** Ends the session and goes to the login page. */
export async function logOut(): Promise<void> {
  await deskClient().call('logout', {}, { transport: 'http' })
  location.assign(siteAddress('/login'))
}
