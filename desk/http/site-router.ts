import {
  createServer as createListener,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Bench } from '../site/bench-folder.ts'
import { openSite } from '../site/open.ts'
import type { Log, Site } from '../site/site.ts'
import { buildId } from './build-id.ts'
import { createServer } from './server.ts'

export interface SiteRouterOptions {
  bench: Bench
  log: Log
  /** The site for addresses that name none: localhost, and this machine's by number. */
  fallback?: string | undefined
}

interface Served {
  site: Site
  server: FastifyInstance
}

const RESCAN_MS = 1000
/** A site that cannot be opened is not tried again at every request. */
const RETRY_MS = 5000
const NUMBER_OR_LOCAL = /^(localhost|[\d.]+|\[[\da-f:.]+\])$/

/**
 * One listener for all sites of a bench. A request's site is that of `X-Frappe-Site-Name`, else of Host without the
 * port: a site's folder, or its `host_name` (frappe-contract.md §1). Each site has a server of its own, which is
 * opened when it is first asked for.
 */
export class SiteRouter {
  readonly #options: SiteRouterOptions
  readonly #listener: Server
  readonly #opened = new Map<string, Promise<Served>>()
  #names: ReadonlyMap<string, string> = new Map()
  #scanned = -Infinity
  #closing = false

  constructor(options: SiteRouterOptions) {
    this.#options = options
    this.#listener = createListener((request, response) => {
      this.#find(request).then(
        (served) => {
          if (served) served.server.routing(request, response)
          else answer(response, 404, 'DoesNotExistError', 'There is no such site here.', request)
        },
        () => {
          answer(response, 503, 'ServiceUnavailableError', 'This site cannot be served just now.', request)
        },
      )
    })
    this.#listener.on('upgrade', (request, socket: Duplex, head) => {
      const drop = (): void => {
        socket.destroy()
      }
      socket.on('error', drop)
      this.#find(request).then((served) => {
        socket.off('error', drop)
        if (served) served.server.server.emit('upgrade', request, socket, head)
        else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      }, drop)
    })
  }

  /** @returns the address that it is served at */
  async listen({ port, host }: { port: number; host: string }): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#listener.once('error', reject).listen(port, host, () => {
        resolve()
      })
    })
    const { address, family, port: actual } = this.#listener.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${String(actual)}`
  }

  /** The names of all sites there are. */
  async sites(): Promise<string[]> {
    await this.#scan()
    return [...new Set(this.#names.values())]
  }

  /** Opens a site before anybody asks for it, so that what it does by the clock is done. */
  async open(name: string): Promise<void> {
    await this.#served(name)
  }

  /** Says goodbye to every socket, ends requests and closes the sites. */
  async close(): Promise<void> {
    this.#closing = true
    const closed = new Promise((resolve) => this.#listener.close(resolve))
    for (const opening of this.#opened.values()) {
      const served = await opening.catch(() => null)
      await served?.server.close()
      await served?.site.close()
    }
    this.#listener.closeAllConnections()
    await closed
  }

  async #find(request: IncomingMessage): Promise<Served | null> {
    const header = request.headers['x-frappe-site-name']
    const named = typeof header === 'string' && header !== '' ? header : (request.headers.host ?? '')
    const host = named.toLowerCase().replace(/:\d+$/, '')
    if (!this.#names.has(host) && performance.now() - this.#scanned > RESCAN_MS) await this.#scan()
    const name = this.#names.get(host) ?? (NUMBER_OR_LOCAL.test(host) ? this.#options.fallback : undefined)
    return name === undefined || this.#closing ? null : await this.#served(name)
  }

  /** Sites come and go while the bench is served. */
  async #scan(): Promise<void> {
    this.#scanned = performance.now()
    const names = new Map<string, string>()
    for (const name of await this.#options.bench.siteNames()) {
      const { host_name: alias } = await this.#options.bench.siteConfig(name)
      if (alias)
        names.set(
          alias
            .toLowerCase()
            .replace(/^https?:\/\//, '')
            .replace(/[:/].*$/, ''),
          name,
        )
      names.set(name, name)
    }
    this.#names = names
  }

  #served(name: string): Promise<Served> {
    const found = this.#opened.get(name)
    if (found) return found
    const opening = this.#start(name)
    this.#opened.set(name, opening)
    opening.catch((error: unknown) => {
      this.#options.log.error({ err: error, site: name }, 'a site cannot be opened')
      setTimeout(() => this.#opened.delete(name), RETRY_MS).unref()
    })
    return opening
  }

  async #start(name: string): Promise<Served> {
    const { bench, log } = this.#options
    const site = await openSite(bench, name, { log })
    try {
      const server = await createServer({ site, build: await buildId(site.registry.apps), log: true })
      await server.ready()
      site.start()
      return { site, server }
    } catch (error) {
      await site.close()
      throw error
    }
  }
}

/** For a request that no site's server answers: without a site there is no page either. */
function answer(
  response: ServerResponse,
  status: number,
  excType: string,
  message: string,
  { url, headers }: IncomingMessage,
): void {
  const isProbe = url === '/healthz'
  const isJson = isProbe || (url?.startsWith('/api/') ?? false) || (headers.accept?.includes('json') ?? false)
  response.writeHead(isProbe ? 200 : status, {
    'Content-Type': isJson ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 503 && !isProbe ? { 'Retry-After': '5' } : {}),
  })
  if (isProbe) response.end(JSON.stringify({ status: 'ok' }))
  else response.end(isJson ? JSON.stringify({ exc_type: excType, message }) : `${message}\n`)
}
