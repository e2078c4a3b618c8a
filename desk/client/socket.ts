import { backoffDelay } from './backoff.ts'
import { answerError, type DeskError, unreachable } from './error.ts'
import { type AnswerFrame, encodeRequest, type EventFrame, parseFrame } from './frames.ts'

/** `waiting` = between two attempts. */
export type RealtimeState = 'idle' | 'connecting' | 'open' | 'waiting'

/** What only the user can mend: `login` = the session ended (4401), `reload` = the server speaks a newer protocol. */
export type RealtimeProblem = 'login' | 'reload'

export type RealtimeListener = (message: unknown, frame: EventFrame) => void

export interface RealtimeClient {
  readonly state: RealtimeState
  readonly problem: RealtimeProblem | null
  /** Connects unless it is connected or connecting; called by `on`. */
  connect(): void
  /** Listens to a server event, `ready` included; the function that it returns ends it. */
  on(event: string, listener: RealtimeListener): () => void
  onState(listener: (state: RealtimeState) => void): () => void
}

interface Pending {
  method: string
  sentAt: number
  resolve: (value: unknown) => void
  reject: (error: DeskError) => void
}

const NOT_LOGGED_IN = 4401
const TOO_MANY = 4429
/** What browsers report when a connection just broke. */
const ABNORMAL = 1006

/** Times in ms. */
export interface RealtimeTiming {
  /** From the first try to connect until `ready`; a connection that is slower is given up. */
  ready: number
  /** Without a single frame while a request waits: the connection is lost. */
  silence: number
  /** Before connection attempt `attempt`, 0 being the first after a loss. */
  backoff: (attempt: number) => number
}

const TIMING: RealtimeTiming = { ready: 15_000, silence: 30_000, backoff: backoffDelay }

export interface RealtimeOptions {
  url: () => string
  /** The newest protocol that this page speaks. */
  protocol: number
  /** Whose page it is: a socket that turns out to be another user's is not used. Empty = not known. */
  user: string
  timing?: Partial<RealtimeTiming>
}

interface ReadyMessage {
  protocol?: number
  user?: string
}

/**
 * The page's one WebSocket: reconnects with back-off, at once when the network returns or the page becomes
 * visible. `ready` is the first event that listeners hear of a connection.
 */
export class Realtime implements RealtimeClient {
  #url: () => string
  #protocol: number
  #user: string
  #timing: RealtimeTiming
  #socket: WebSocket | null = null
  #state: RealtimeState = 'idle'
  #problem: RealtimeProblem | null = null
  #attempt = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined
  #deadline: ReturnType<typeof setTimeout> | undefined
  /** Events that came before `ready`, which tells whose socket it is. */
  #early: EventFrame[] = []
  #heardAt = 0
  #nextId = 1
  #pending = new Map<number, Pending>()
  #listeners = new Map<string, Set<RealtimeListener>>()
  #stateListeners = new Set<(state: RealtimeState) => void>()

  constructor({ url, protocol, user, timing }: RealtimeOptions) {
    this.#url = url
    this.#protocol = protocol
    this.#user = user
    this.#timing = { ...TIMING, ...timing }
    globalThis.addEventListener('online', () => this.#hurry())
    globalThis.addEventListener('offline', () => this.#drop())
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#hurry()
    })
  }

  get state(): RealtimeState {
    return this.#state
  }

  get problem(): RealtimeProblem | null {
    return this.#problem
  }

  connect(): void {
    if (this.#state === 'idle' && this.#problem !== 'login') this.#open()
  }

  on(event: string, listener: RealtimeListener): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    this.connect()
    return () => listeners.delete(listener)
  }

  onState(listener: (state: RealtimeState) => void): () => void {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  /** Sends a request; rejects with a retryable DeskError when the socket drops before the answer. */
  request(method: string, args: Record<string, unknown>): Promise<unknown> {
    const socket = this.#socket
    if (this.#state !== 'open' || !socket) return Promise.reject(unreachable())
    return new Promise((resolve, reject) => {
      const id = this.#nextId++
      this.#pending.set(id, { method, sentAt: Date.now(), resolve, reject })
      socket.send(encodeRequest(id, method, args))
      this.#silence ??= setTimeout(() => this.#listenForSilence(), this.#timing.silence)
    })
  }

  #open(): void {
    clearTimeout(this.#retry)
    const socket = new WebSocket(this.#url())
    this.#socket = socket
    this.#deadline = setTimeout(() => this.#drop(), this.#timing.ready)
    this.#setState('connecting')
    socket.addEventListener('message', (event) => {
      if (socket === this.#socket && typeof event.data === 'string') this.#receive(event.data)
    })
    socket.addEventListener('close', (event) => {
      if (socket === this.#socket) this.#lost(event.code)
    })
  }

  #receive(text: string): void {
    this.#heardAt = Date.now()
    const frame = parseFrame(text)
    if (!frame) return
    if ('id' in frame) this.#settle(frame)
    else if (frame.event === 'ready') this.#ready(frame)
    else if (this.#state === 'open') this.#dispatch(frame)
    else this.#early.push(frame)
  }

  #settle({ id, status, body }: AnswerFrame): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    if (status === undefined) pending.resolve(body.message)
    else pending.reject(answerError(status, body))
  }

  #dispatch(frame: EventFrame): void {
    for (const listener of [...(this.#listeners.get(frame.event) ?? [])]) {
      try {
        listener(frame.message, frame)
      } catch (error) {
        globalThis.reportError(error)
      }
    }
  }

  /** A socket is of use from `ready` on: before that frame the server may still refuse it with a close code. */
  #ready(frame: EventFrame): void {
    const { protocol = 1, user = '' } = (frame.message ?? {}) as ReadyMessage
    if (this.#user && user && user !== this.#user) {
      // Somebody else logged in meanwhile, in another tab: this page shows nothing of theirs.
      this.#drop(NOT_LOGGED_IN)
      return
    }
    clearTimeout(this.#deadline)
    this.#attempt = 0
    this.#problem = protocol > this.#protocol ? 'reload' : null
    this.#setState('open')
    for (const event of [frame, ...this.#early.splice(0)]) this.#dispatch(event)
  }

  #lost(code: number): void {
    this.#socket = null
    this.#early = []
    clearTimeout(this.#deadline)
    clearTimeout(this.#silence)
    this.#silence = undefined
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    if (code === NOT_LOGGED_IN) {
      this.#problem = 'login'
      this.#setState('idle')
    } else {
      if (code === TOO_MANY) this.#attempt = Math.max(this.#attempt, 4)
      this.#retry = setTimeout(() => this.#open(), this.#timing.backoff(this.#attempt++))
      this.#setState('waiting')
    }
    for (const { reject } of pending) reject(unreachable('The connection was lost before the answer came.'))
  }

  #listenForSilence(): void {
    this.#silence = undefined
    const oldest = this.#pending.values().next().value
    if (!oldest) return
    const quietFor = Date.now() - Math.max(this.#heardAt, oldest.sentAt)
    const left = this.#timing.silence - quietFor
    if (left > 0) {
      this.#silence = setTimeout(() => this.#listenForSilence(), left)
      return
    }
    this.#drop()
  }

  /** Gives up a connection that is known to be dead, without waiting for its close. */
  #drop(code = ABNORMAL): void {
    const socket = this.#socket
    if (!socket) return
    this.#lost(code)
    socket.close()
  }

  #hurry(): void {
    if (this.#state !== 'waiting') return
    this.#attempt = 0
    this.#open()
  }

  #setState(state: RealtimeState): void {
    this.#state = state
    for (const listener of [...this.#stateListeners]) listener(state)
  }
}
