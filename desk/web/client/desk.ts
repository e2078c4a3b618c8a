import { html, render } from 'lit'
import { deskClient } from '../../client/client.ts'
import { doctypeOf, type Route } from '../routes.ts'
import { showAlert } from './alerts.ts'
import { DeskDoctype } from './doctype-view.ts'
import type { FormMove } from './form-view.ts'
import { installFrappe } from './frappe.ts'
import type { Meta } from './meta.ts'
import { Router } from './router.ts'
import { messagesOf } from './server.ts'
import { closeOverlays, logOut, showPlace, type Place } from './shell.ts'
import { bindThemeChoice } from './theme-choice.ts'

const home = document.getElementById('desk-home')
const view = document.getElementById('desk-view')
let started = false

installFrappe()
bindThemeChoice()

document.getElementById('log-out')?.addEventListener('click', () => {
  logOut().catch((error: unknown) => showAlert({ message: messagesOf(error).join(' '), indicator: 'red' }))
})

const router = new Router(show)
router.start()

function show(route: Route): void {
  if (!home || !view) return
  closeOverlays()
  let place: Place = {}
  const learn = (more: Place) => showPlace(route, (place = { ...place, ...more }))
  learn({})
  home.hidden = route.view !== 'home'
  view.hidden = route.view === 'home'
  if (!started) view.replaceChildren()
  if (route.view === 'home') {
    render(null, view)
  } else {
    const { doctype } = doctypeOf(route.slug, deskClient().boot.sidebar)
    render(
      html`<desk-doctype
        .doctype=${doctype}
        .route=${route}
        @desk-meta=${(event: CustomEvent<Meta>) => learn({ single: Boolean(event.detail.issingle) })}
        @desk-title=${(event: CustomEvent<string>) => learn({ title: event.detail })}
        @desk-move=${(event: CustomEvent<FormMove>) =>
          void router.go(event.detail.path, { replace: event.detail.replace })}
      ></desk-doctype>`,
      view,
    )
    const element = view.querySelector('desk-doctype')
    router.guard = () => (element instanceof DeskDoctype ? element.mayLeave() : true)
  }
  // After a move the reading position is the new content; on the first view it is the browser's business.
  if (started) document.getElementById('main')?.focus({ preventScroll: true })
  started = true
}
