/** Why the server closes a socket; the client reconnects after all but 4401 (interfaces.md). */
export const CloseCode = {
  malformed: 4400,
  notLoggedIn: 4401,
  wrongOrigin: 4403,
  silent: 4408,
  tooLarge: 4413,
  tooMany: 4429,
  restart: 1012,
  /** The server failed; trying again may help. */
  internal: 1011,
} as const

export const PROTOCOL = 1
export const HEARTBEAT_SECONDS = 25
export const LONGEST_FRAME = 256 * 1024

/** A call of a whitelisted method: `{"id": 7, "method": "f_chat.send_message", "args": {…}}`. */
export interface CallFrame {
  id: number | string
  method: string
  args: Record<string, unknown>
}

/** @returns null for anything but a well-formed call */
export function parseCall(text: string): CallFrame | null {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof frame !== 'object' || frame === null) return null
  const { id, method, args = {} } = frame as Record<string, unknown>
  if (typeof id !== 'number' && typeof id !== 'string') return null
  if (typeof method !== 'string' || typeof args !== 'object' || args === null || Array.isArray(args))
    return null
  return { id, method, args: args as Record<string, unknown> }
}

/** A token bucket: `burst` calls at once, `rate` a second in the long run. */
export class Allowance {
  readonly #burst: number
  readonly #rate: number
  #tokens: number
  #at: number

  constructor(burst: number, rate: number, now: number) {
    this.#burst = burst
    this.#rate = rate
    this.#tokens = burst
    this.#at = now
  }

  /** @param now milliseconds */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#rate)
    this.#at = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
