/** How long a desk that draws its navbar late is waited for, in ms. */
const PATIENCE_MS = 10_000

const TAG = 'f-chat-navbar'

/** Puts the button into the page's navbar (desk's, Frappe 14/15's, else Frappe 16's sidebar); false if there is none. */
function placeInNavbar(): boolean {
  const bar = document.querySelector('header.navbar ul.navbar-nav')
  if (bar) {
    const item = document.createElement('li')
    item.className = 'nav-item'
    item.append(document.createElement(TAG))
    const next =
      bar.querySelector(':scope > .dropdown-notifications') ??
      bar.querySelector(':scope > .dropdown-navbar-user')
    bar.insertBefore(item, next)
    return true
  }
  const sidebar = document.querySelector('.body-sidebar .body-sidebar-bottom')
  sidebar?.prepend(document.createElement(TAG))
  return sidebar !== null
}

function placeFloating(): void {
  const button = document.createElement(TAG)
  button.toggleAttribute('floating', true)
  document.body.append(button)
}

const isPlaced = (): boolean => document.querySelector(TAG) !== null

/**
 * Shows the button once: an explicit `<f-chat-navbar>` wins, then the page's navbar, which Frappe draws late; a page
 * without one gets a floating button.
 */
export function placeNavbar(): void {
  if (isPlaced() || placeInNavbar()) return
  const drawsLate = 'frappe' in globalThis
  if (!drawsLate) {
    placeFloating()
    return
  }
  const stop = (): void => {
    observer.disconnect()
    clearTimeout(timer)
  }
  const observer = new MutationObserver(() => {
    if (isPlaced() || placeInNavbar()) stop()
  })
  const timer = setTimeout(() => {
    stop()
    placeFloating()
  }, PATIENCE_MS)
  observer.observe(document.body, { childList: true, subtree: true })
}
