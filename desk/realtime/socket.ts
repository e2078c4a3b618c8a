import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { WebSocket } from '@fastify/websocket'
import type { Identity } from '../context.ts'
import { AuthenticationError, ValidationError } from '../errors.ts'
import { besides, failure, methodBody } from '../http/answer.ts'
import { identify, type Caller } from '../http/identify.ts'
import { fromOwnPage } from '../http/same-origin.ts'
import { servedBy } from '../http/served.ts'
import { GUEST } from '../permissions/roles.ts'
import { Reply } from '../reply.ts'
import { logError } from '../site/error-log.ts'
import type { Site } from '../site/site.ts'
import { Allowance, CloseCode, HEARTBEAT_SECONDS, LONGEST_FRAME, parseCall, PROTOCOL } from './frames.ts'
import { sessionDevice } from './device.ts'
import type { Guard, Hub, Peer } from './hub.ts'
import type { LiveConnection } from './live-connection.ts'
import { originAllowed, originTrusted } from './origin.ts'

/** Bytes that may wait for a slow reader before its socket is closed; it catches up after reconnecting. */
const MOST_BUFFERED = 4 * 1024 * 1024
const CALLS_AT_ONCE = 200
const CALLS_A_SECOND = 50
const MOST_PENDING = 64
const MOST_SUBSCRIPTIONS = 500
/** Pings (of 25 s) after which a socket is asked again whose it is: sessions end by age, too, and nobody tells. */
const PINGS_A_CHECK = 12
/** Sooner where another application logs people out, and tells nobody. */
const PINGS_A_HOST_CHECK = 2

export interface SocketOptions {
  site: Site
  hub: Hub
  build: string
  /** Between the server's pings; two unanswered ones close the socket. */
  pingSeconds?: number
}

/** `GET /realtime` (interfaces.md). The upgrade is always accepted, so that a page can read why it was closed. */
export function socketRoute(server: FastifyInstance, options: SocketOptions): void {
  server.get('/realtime', { websocket: true }, (socket, request) => {
    const early: string[] = []
    const hold = (data: Buffer, isBinary: boolean): void => {
      if (isBinary) socket.close(CloseCode.malformed, 'frames are text')
      else if (data.length > LONGEST_FRAME) socket.close(CloseCode.tooLarge, 'frame too large')
      else if (early.length >= MOST_PENDING) socket.close(CloseCode.tooMany, 'too many calls')
      else early.push(data.toString('utf8'))
    }
    socket.on('message', hold)
    socket.on('error', () => {
      socket.terminate()
    })
    void admit(socket, request, options).then(
      (connection) => {
        socket.off('message', hold)
        if (connection) for (const text of early) connection.receive(text)
      },
      (error: unknown) => {
        options.site.log.error({ err: error }, 'a socket could not be opened')
        socket.close(CloseCode.internal, 'try again')
      },
    )
  })
}

async function admit(
  socket: WebSocket,
  request: FastifyRequest,
  options: SocketOptions,
): Promise<Connection | null> {
  const { site } = options
  if (!originAllowed(request.headers.origin, request.host, site.config)) {
    socket.close(CloseCode.wrongOrigin, 'origin not allowed')
    return null
  }
  const caller = await identifySocket(site, request)
  if (!caller || caller.identity.user === GUEST) {
    socket.close(CloseCode.notLoggedIn, 'not logged in')
    return null
  }
  const { device } = request.query as { device?: string }
  const connection = new Connection(socket, options, {
    ...caller.identity,
    ...(device && /^[0-9a-f-]{36}$/i.test(device) ? { device } : {}),
  })
  // Asked again once the hub knows the socket: from then on a logout finds it, but one may have come just before.
  const stillIn = async (): Promise<boolean> =>
    (await identifySocket(site, request))?.identity.user === connection.user
  const { host } = servedBy(request)
  const pingsACheck = host ? PINGS_A_HOST_CHECK : PINGS_A_CHECK
  await connection.open(caller.login?.systemUser ?? false, { stillIn, pingsACheck })
  return connection
}

/** How a socket is asked again whose it is. */
interface LoginCheck {
  stillIn: () => Promise<boolean>
  /** Pings between two questions. */
  pingsACheck: number
}

/** A cookie counts only together with an Origin of the site: a socket has no CSRF token. */
async function identifySocket(site: Site, request: FastifyRequest): Promise<Caller | null> {
  if (!mayIdentify(site, request)) return null
  try {
    return await identify(site, request)
  } catch (error) {
    if (error instanceof AuthenticationError) return null
    throw error
  }
}

function mayIdentify(site: Site, request: FastifyRequest): boolean {
  if (servedBy(request).host) return fromOwnPage(request, site.config)
  const { origin, authorization } = request.headers
  return authorization !== undefined || originTrusted(origin, request.host, site.config)
}

/** One socket: answers its calls, carries its events, and notices when nobody is there any more. */
class Connection implements Peer, LiveConnection {
  readonly user: string
  readonly session: string | undefined
  readonly devices: readonly string[]
  readonly #socket: WebSocket
  readonly #options: SocketOptions
  readonly #identity: Identity
  readonly #allowance = new Allowance(CALLS_AT_ONCE, CALLS_A_SECOND, Date.now())
  #unanswered = 0
  #pending = 0

  constructor(socket: WebSocket, options: SocketOptions, identity: Identity) {
    this.#socket = socket
    this.#options = options
    this.#identity = { ...identity, connection: this }
    this.user = identity.user
    this.session = identity.session
    this.devices = [...(identity.device ? [identity.device] : []), sessionDevice(identity)]
  }

  async open(systemUser: boolean, { stillIn, pingsACheck }: LoginCheck): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const { site, hub, build, pingSeconds = HEARTBEAT_SECONDS } = this.#options
    let pings = 0
    const timer = setInterval(() => {
      this.#ping()
      pings += 1
      if (pings % pingsACheck === 0) void this.#check(stillIn)
    }, pingSeconds * 1000)
    timer.unref()
    this.#socket.on('pong', () => {
      this.#unanswered = 0
    })
    const own = [`user:${this.user}`, 'website', ...(systemUser ? ['all'] : [])]
    const opened = hub.add(this, () =>
      site.read(this.#identity, async (ctx) => {
        const parts = await Promise.all(
          site.registry.hooks((app) => app.socket_open).map((hook) => hook(ctx)),
        )
        const ready = Object.fromEntries(parts.flatMap((part) => Object.entries(part.ready ?? {})))
        return { rooms: [...own, ...parts.flatMap((part) => part.rooms)], ready }
      }),
    )
    this.#socket.on('close', () => {
      clearInterval(timer)
      hub.remove(this)
      // What the apps do for a socket that opens is over before they hear that it closed.
      const over = (): Promise<void> => this.#tellClosed()
      void opened.then(over, over)
    })
    const opening = await opened
    if (!(await stillIn())) {
      this.close(CloseCode.notLoggedIn, 'not logged in')
      return
    }
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.close(CloseCode.malformed, 'frames are text')
      else this.receive(data.toString('utf8'))
    })
    this.#sendJson({
      event: 'ready',
      message: {
        protocol: PROTOCOL,
        build,
        user: this.user,
        device: this.#identity.device ?? null,
        server_time: site.clock.now(),
        heartbeat_seconds: HEARTBEAT_SECONDS,
        ...opening.ready,
      },
    })
  }

  send(frame: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > MOST_BUFFERED) this.close(CloseCode.tooMany, 'reads too slowly')
    else this.#socket.send(frame)
  }

  close(code: number, reason: string): void {
    this.#options.hub.remove(this)
    this.#socket.close(code, reason)
  }

  subscribe(room: string, may: Guard): void {
    const { hub } = this.#options
    if (hub.subscriptions(this) >= MOST_SUBSCRIPTIONS)
      throw new ValidationError(`A socket hears at most ${String(MOST_SUBSCRIPTIONS)} subscriptions.`)
    hub.subscribe(this, room, may)
  }

  unsubscribe(room: string): void {
    this.#options.hub.leave(this, room)
  }

  /** A frame from the page. */
  receive(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (Buffer.byteLength(text) > LONGEST_FRAME) {
      this.close(CloseCode.tooLarge, 'frame too large')
      return
    }
    const call = parseCall(text)
    if (!call) {
      this.close(CloseCode.malformed, 'malformed frame')
      return
    }
    if (!this.#allowance.take(Date.now()) || this.#pending >= MOST_PENDING) {
      this.close(CloseCode.tooMany, 'too many calls')
      return
    }
    this.#pending += 1
    void this.#answer(call.id, call.method, call.args).finally(() => {
      this.#pending -= 1
    })
  }

  async #answer(id: number | string, method: string, args: Record<string, unknown>): Promise<void> {
    const { site } = this.#options
    const reply = new Reply()
    try {
      const result = await site.call(method, args, { ...this.#identity, reply })
      this.#sendJson({ id, ...methodBody(result), ...besides(reply) })
    } catch (error) {
      const { status, body } = await failure(error, (unexpected) =>
        logError(site, unexpected, { method, user: this.user }),
      )
      this.#sendJson({ id, status, ...body })
    }
  }

  async #tellClosed(): Promise<void> {
    const { site } = this.#options
    try {
      await site.read(this.#identity, async (ctx) => {
        for (const hook of site.registry.hooks((app) => app.socket_close)) await hook(ctx)
      })
    } catch (error) {
      site.log.error({ err: error }, 'after a socket closed')
    }
  }

  #sendJson(frame: unknown): void {
    this.send(JSON.stringify(frame))
  }

  async #check(stillIn: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await stillIn())) this.close(CloseCode.notLoggedIn, 'not logged in')
    } catch {
      // The database does not answer just now: the next check asks again.
    }
  }

  #ping(): void {
    if (this.#unanswered >= 2) {
      this.close(CloseCode.silent, 'silent')
      this.#socket.terminate()
      return
    }
    this.#unanswered += 1
    this.#socket.ping()
  }
}
