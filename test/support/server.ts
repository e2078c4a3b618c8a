import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { createServer, type ServerOptions } from '../../desk/http/server.ts'
import type { Site } from '../../desk/site/site.ts'

/** A JSON body as it came: tests look into it without knowing its type. */
export type Body = ReturnType<typeof JSON.parse>

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The body as JSON, where it is JSON. */
  body: Body
  /** Set-Cookie lines. */
  cookies: string[]
}

export interface Served {
  server: FastifyInstance
  url: string
  host: string
  /** A browser of its own: keeps cookies. */
  client(): Client
  /** A client that has logged in. */
  login(usr: string, pwd: string): Promise<Client>
}

/** The site behind a real port, until the subtest ends. */
export async function serve(
  t: Test,
  site: Site,
  options: Partial<Omit<ServerOptions, 'site'>> = {},
): Promise<Served> {
  const server = await createServer({ site, build: 'test-build', ...options })
  t.teardown(() => server.close())
  await server.listen({ port: 0, host: '127.0.0.1' })
  const host = `127.0.0.1:${String((server.server.address() as AddressInfo).port)}`
  const url = `http://${host}`
  return {
    server,
    url,
    host,
    client: () => new Client(url),
    async login(usr, pwd) {
      const client = new Client(url)
      const answer = await client.post('/api/method/login', { usr, pwd })
      if (answer.status !== 200) throw new Error(`login of ${usr} failed: ${answer.text}`)
      return client
    },
  }
}

export class Client {
  readonly #url: string
  readonly jar = new Map<string, string>()
  /** Sent with every request, once a page has told it. */
  csrf: string | undefined

  constructor(url: string) {
    this.#url = url
  }

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.#url + path, {
      redirect: 'manual',
      ...init,
      method,
      headers: {
        Accept: 'application/json',
        ...(this.jar.size > 0 ? { Cookie: this.cookie } : {}),
        ...(this.csrf ? { 'X-Frappe-CSRF-Token': this.csrf } : {}),
        ...(init.headers as Record<string, string> | undefined),
      },
    })
    const cookies = response.headers.getSetCookie()
    for (const line of cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') this.jar.delete(name)
      else this.jar.set(name, value)
    }
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
      cookies,
    }
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.request('GET', path, { headers })
  }

  post(path: string, body: unknown = {}): Promise<Answer> {
    return this.#send('POST', path, body)
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.#send('PUT', path, body)
  }

  delete(path: string): Promise<Answer> {
    return this.request('DELETE', path)
  }

  /** A page as a browser asks for it. */
  page(path: string): Promise<Answer> {
    return this.get(path, { Accept: 'text/html' })
  }

  #send(method: string, path: string, body: unknown): Promise<Answer> {
    return this.request(method, path, {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  }
}

/** One end of a socket, as a page has it. */
export class TestSocket {
  readonly ws: WebSocket
  readonly frames: Body[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #waiting = new Set<() => void>()
  #end: string | undefined

  constructor(ws: WebSocket) {
    this.ws = ws
    ws.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString('utf8')))
      this.#wake()
    })
    ws.on('error', () => undefined)
    this.closed = once(ws, 'close').then(([code, reason]: (number | Buffer)[]) => {
      this.#end = `closed with ${String(code)}`
      this.#wake()
      return { code: Number(code), reason: String(reason) }
    })
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** The first frame that fits, now or later. @throws where the socket closes without one */
  async frame(fits: (frame: Body) => boolean): Promise<Body> {
    for (;;) {
      const found: Body = this.frames.find(fits)
      if (found !== undefined) return found
      if (this.#end) throw new Error(`No such frame: the socket was ${this.#end}.`)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
      })
    }
  }

  event(name: string): Promise<Body> {
    return this.frame((frame: Body) => frame.event === name)
  }

  send(frame: unknown): void {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  #calls = 0
  /** Calls a method over the socket; answers the frame. */
  call(method: string, args: Record<string, unknown> = {}): Promise<Body> {
    const id = `call-${String(++this.#calls)}`
    this.send({ id, method, args })
    return this.frame((frame: Body) => frame.id === id)
  }
}

export interface SocketInit {
  origin?: string | undefined
  cookie?: string
  headers?: Record<string, string>
  autoPong?: boolean
  query?: string
}

/** Opens `/realtime` as a page of the site does, unless told otherwise. */
export function openSocket(t: Test, served: Served, init: SocketInit = {}): TestSocket {
  const { cookie, headers = {}, autoPong = true, query = '' } = init
  const origin = 'origin' in init ? init.origin : served.url
  const ws = new WebSocket(`${served.url.replace('http', 'ws')}/realtime${query}`, {
    autoPong,
    headers: { ...headers, ...(cookie ? { Cookie: cookie } : {}), ...(origin ? { Origin: origin } : {}) },
  })
  t.teardown(() => {
    ws.terminate()
  })
  return new TestSocket(ws)
}
