import type { Route } from '../routes.ts'
import { parseAddress } from './paths.ts'

/** Asked before the page moves on: `true` at once when nothing would be lost, else what the user answers. */
export type LeaveGuard = () => true | Promise<boolean>

interface Entry {
  /** The place's number in this page's history, so that a step back can be told from a step forward. */
  deskIndex: number
}

/** Moves between the desk's places without loading a page, so that what lives in the navbar stays alive. */
export class Router {
  readonly #show: (route: Route) => void
  #guard: LeaveGuard | null = null
  #index = 0
  #undoing = false

  /** `show` renders a route; it is called at `start` and after every move. */
  constructor(show: (route: Route) => void) {
    this.#show = show
  }

  /** Shows the current address and takes over same-site links from now on. */
  start(): void {
    this.#index = indexOf(history.state) ?? 0
    history.replaceState({ deskIndex: this.#index } satisfies Entry, '')
    document.addEventListener('click', (event) => this.#onClick(event))
    addEventListener('popstate', (event) => void this.#onPop(event))
    this.#render()
  }

  /** Goes to a path of the desk. `replace` leaves no step back to the present one and asks no guard. */
  async go(path: string, options: { replace?: boolean } = {}): Promise<void> {
    if (!parseAddress(path)) {
      location.assign(path)
      return
    }
    if (!options.replace && !((await this.#guard?.()) ?? true)) return
    this.#guard = null
    if (options.replace) history.replaceState({ deskIndex: this.#index } satisfies Entry, '', path)
    else history.pushState({ deskIndex: ++this.#index } satisfies Entry, '', path)
    this.#render()
    if (!options.replace) scrollTo(0, 0)
  }

  /** Sets who is asked before the next move; a move clears it. */
  set guard(guard: LeaveGuard | null) {
    this.#guard = guard
  }

  #render(): void {
    this.#show(parseAddress(location.pathname) ?? { view: 'home' })
  }

  #onClick(event: MouseEvent): void {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!plain || event.defaultPrevented) return
    const link = event.composedPath().find((target) => target instanceof HTMLAnchorElement)
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
    const samePage = link.hash && link.pathname === location.pathname && link.search === location.search
    if (samePage || !parseAddress(link.pathname)) return
    event.preventDefault()
    void this.go(link.pathname + link.search)
  }

  async #onPop(event: PopStateEvent): Promise<void> {
    if (this.#undoing) {
      this.#undoing = false
      return
    }
    const index = indexOf(event.state) ?? 0
    const step = index - this.#index
    // Only the hash changed: the place is the same.
    if (step === 0) return
    const answer = this.#guard?.() ?? true
    if (answer !== true) {
      // The address has moved already: put it back first, and move again once the user agrees.
      this.#undoing = true
      history.go(-step)
      if (!(await answer)) return
      this.#guard = null
      history.go(step)
      return
    }
    this.#index = index
    this.#render()
  }
}

function indexOf(state: unknown): number | null {
  const entry = state as Partial<Entry> | null
  return typeof entry?.deskIndex === 'number' ? entry.deskIndex : null
}
