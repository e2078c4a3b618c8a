import { siteAddress } from './base.ts'
import { type Boot, isDict, readBoot } from './boot.ts'
import { DeskError } from './error.ts'
import { httpClient } from './http.ts'
import { type ResourceClient, resourceClient } from './resource.ts'
import { Realtime, type RealtimeClient } from './socket.ts'
import { uuid } from './uuid.ts'

export interface CallOptions {
  signal?: AbortSignal
  /** `auto` (default) takes the socket when it is open. */
  transport?: 'http' | 'auto'
  /**
   * Running it twice does no harm (reads, methods with a `client_id`): when the socket drops before the answer
   * the call is made again over HTTP. Arguments with a `client_id` imply it.
   */
  idempotent?: boolean
}

export interface DeskClient {
  readonly boot: Boot
  /** This page, across reloads: sent as `X-Desk-Device` and `?device=`. */
  readonly device: string
  /** A whitelisted method: over the socket when it is open, else POST. Rejects with DeskError, or AbortError. */
  call<R>(method: string, args?: Record<string, unknown>, options?: CallOptions): Promise<R>
  readonly resource: ResourceClient
  /** The address of a path of the site, such as a file's URL: the site may lie below the root of its host. */
  url(path: string): string
  /** Connects at first use. */
  readonly realtime: RealtimeClient
}

interface FrappeGlobals {
  frappe?: { boot?: unknown; csrf_token?: string }
  csrf_token?: string
}

const DEVICE_KEY = 'desk.device'
const SHARED = Symbol.for('f-chat.desk')
const READY = Symbol.for('f-chat.desk.ready')

function pageDevice(): string {
  try {
    const known = sessionStorage.getItem(DEVICE_KEY)
    if (known) return known
    const device = uuid()
    sessionStorage.setItem(DEVICE_KEY, device)
    return device
  } catch {
    return uuid()
  }
}

/** Rejects as soon as the signal fires; the answer that may still come is dropped. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

const bootJson = (): string | undefined =>
  document.querySelector('script#boot[type="application/json"]')?.textContent ?? undefined

/** Pages of the desk and of Frappe know who looks at them; those of another application may know nothing. */
function knowsItsUser(): boolean {
  const globals = globalThis as FrappeGlobals
  return bootJson() !== undefined || globals.frappe !== undefined || globals.csrf_token !== undefined
}

/** @param told what the server says, where the page does not know it */
function createClient(told?: unknown): DeskClient {
  const globals = globalThis as FrappeGlobals
  const boot = readBoot(
    told === undefined
      ? { json: bootJson(), frappe: globals.frappe?.boot, cookie: document.cookie }
      : { frappe: told },
  )
  const device = pageDevice()
  const request = httpClient(
    device,
    () => [globals.frappe?.csrf_token, globals.csrf_token, boot.csrf_token].find(Boolean) ?? '',
  )
  const realtime = new Realtime({
    url: () => {
      const url = new URL(siteAddress(`/realtime?device=${encodeURIComponent(device)}`), location.href)
      url.protocol = url.protocol.replace('http', 'ws')
      return url.href
    },
    protocol: boot.protocol,
    user: boot.user.name === 'Guest' ? '' : boot.user.name,
  })

  async function call<R>(method: string, args: Record<string, unknown> = {}, options: CallOptions = {}) {
    const { signal, transport = 'auto', idempotent = 'client_id' in args } = options
    if (transport === 'auto' && realtime.state === 'open') {
      try {
        return (await abortable(realtime.request(method, args), signal)) as R
      } catch (error) {
        const dropped = error instanceof DeskError && error.status === 0
        if (!dropped || !idempotent) throw error
      }
    }
    const answer = await request('POST', `/api/method/${method}`, args, signal ? { signal } : {})
    return answer.message as R
  }

  return { boot, device, call, resource: resourceClient(request), url: siteAddress, realtime }
}

/** The page's one client: shared by all bundles, whichever asks first. */
export function deskClient(): DeskClient {
  const shared = globalThis as Record<symbol, unknown>
  return (shared[SHARED] ??= createClient()) as DeskClient
}

/**
 * The same, for scripts in pages that may not know who looks at them: then the server is asked first. Where it does
 * not answer, the page's visitor counts as a guest.
 */
export function deskReady(): Promise<DeskClient> {
  const shared = globalThis as Record<symbol, unknown>
  return (shared[READY] ??= prepare()) as Promise<DeskClient>
}

async function prepare(): Promise<DeskClient> {
  const shared = globalThis as Record<symbol, unknown>
  if (shared[SHARED] === undefined && !knowsItsUser()) {
    const told = await askForBoot()
    shared[SHARED] ??= createClient(told)
  }
  return deskClient()
}

async function askForBoot(): Promise<unknown> {
  try {
    const answer = await fetch(siteAddress('/api/method/desk.boot'), {
      headers: { Accept: 'application/json' },
      credentials: 'same-origin',
    })
    const body: unknown = answer.ok ? await answer.json() : null
    return isDict(body) ? body.message : {}
  } catch {
    return {}
  }
}
