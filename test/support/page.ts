import type { Test } from 'tap'
import { WebSocket } from 'ws'

/** What the browser client needs of a page, and no more: events, a visibility, storage, and the way to a server. */
export interface FakePage {
  readonly window: EventTarget
  readonly document: EventTarget & { visibilityState: 'visible' | 'hidden' }
  readonly storage: Map<string, string>
  /** Where relative addresses lead, with these cookies. */
  server: { url: string; cookie: string; csrf: string }
  /** Sockets that were opened, the newest last. */
  readonly sockets: WebSocket[]
  /** As a user comes back to the tab, or leaves it. */
  show(visibility: 'visible' | 'hidden'): void
}

/** Puts a page around this process, until the test ends. Sockets and requests are real. */
export function fakePage(t: Test, server = { url: 'http://127.0.0.1:1', cookie: '', csrf: '' }): FakePage {
  const window = new EventTarget()
  const document = Object.assign(new EventTarget(), {
    visibilityState: 'visible' as const,
    cookie: '',
    querySelector: () => null,
  })
  const storage = new Map<string, string>()
  const page: FakePage = {
    window,
    document,
    storage,
    server,
    sockets: [],
    show(visibility) {
      this.document.visibilityState = visibility
      document.dispatchEvent(new Event('visibilitychange'))
    },
  }
  class PageSocket extends WebSocket {
    constructor(url: string) {
      const { cookie, url: origin } = page.server
      super(url, { headers: cookie ? { Cookie: cookie, Origin: origin } : {} })
      this.on('error', () => undefined)
      page.sockets.push(this)
    }
  }
  const realFetch = globalThis.fetch
  const globals = {
    document,
    WebSocket: PageSocket,
    addEventListener: window.addEventListener.bind(window),
    reportError: (error: unknown) => window.dispatchEvent(new CustomEvent('error', { detail: error })),
    sessionStorage: {
      getItem: (key: string) => storage.get(key) ?? null,
      setItem: (key: string, value: string) => storage.set(key, value),
      removeItem: (key: string) => storage.delete(key),
    },
    get location() {
      return new URL(page.server.url)
    },
    fetch: (path: string, init: RequestInit) =>
      realFetch(new URL(path, page.server.url), {
        ...init,
        headers: { ...(init.headers as Record<string, string>), Cookie: page.server.cookie },
      }),
  }
  const before = Object.getOwnPropertyDescriptors(globalThis)
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(globals)))
    Object.defineProperty(globalThis, name, { ...descriptor, configurable: true })
  t.teardown(() => {
    // The page is left: whoever waits to connect again does so now, and is told to stay away.
    window.dispatchEvent(new Event('online'))
    for (const socket of page.sockets) {
      socket.emit('close', 4401, Buffer.alloc(0))
      socket.terminate()
    }
    for (const name of Object.keys(globals)) {
      const original = (before as Record<string, PropertyDescriptor | undefined>)[name]
      if (original) Object.defineProperty(globalThis, name, original)
      else Reflect.deleteProperty(globalThis, name)
    }
  })
  return page
}

/** Resolves when the condition holds; asked again whenever something else had its turn. */
export async function until(condition: () => unknown): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}
