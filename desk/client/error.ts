import { isDict } from './boot.ts'

const BRAND: unique symbol = Symbol.for('f-chat.desk.error')

/** A call that failed: what the server said, or why it could not be asked (`status` 0). */
export class DeskError extends Error {
  /** Every bundle of a page has its own copy of this class, and they share one client: they know each other's errors by this. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  readonly [BRAND] = true
  override readonly name = 'DeskError'
  readonly status: number
  /** Frappe's exception class, e.g. `PermissionError`; empty when the server did not answer. */
  readonly excType: string
  readonly code: string
  /** The same call may succeed later, unchanged. */
  readonly retryable: boolean
  readonly messages: string[]

  constructor(detail: {
    status: number
    excType?: string
    code?: string
    messages?: string[]
    message: string
  }) {
    super(detail.message)
    this.status = detail.status
    this.excType = detail.excType ?? ''
    this.code = detail.code ?? codeOf(detail.status)
    this.retryable = RETRYABLE.has(detail.status) || detail.status >= 502
    this.messages = detail.messages ?? [detail.message]
  }
}

const RETRYABLE: ReadonlySet<number> = new Set([0, 408, 429])

const CODES: Readonly<Record<number, string>> = {
  0: 'NETWORK',
  400: 'BAD_REQUEST',
  401: 'AUTHENTICATION',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  417: 'VALIDATION_ERROR',
  429: 'RATE_LIMITED',
}

const codeOf = (status: number): string => CODES[status] ?? 'INTERNAL_ERROR'

/** The texts of Frappe's `_server_messages`: a JSON array of JSON objects, encoded twice. */
export function serverMessages(encoded: unknown): string[] {
  if (typeof encoded !== 'string') return []
  try {
    const outer: unknown = JSON.parse(encoded)
    if (!Array.isArray(outer)) return []
    return outer.flatMap((entry: unknown) => {
      const inner: unknown = typeof entry === 'string' ? JSON.parse(entry) : entry
      return isDict(inner) && typeof inner.message === 'string' ? [inner.message] : []
    })
  } catch {
    return []
  }
}

/** The error in the body of a failed answer, over HTTP or the socket; both carry the same keys. */
export function answerError(status: number, body: unknown): DeskError {
  const answer = isDict(body) ? body : {}
  const result = isDict(answer.message) ? answer.message : {}
  const error = isDict(result.error) ? result.error : {}
  const messages = serverMessages(answer._server_messages)
  const said = typeof error.message === 'string' ? error.message : messages[0]
  const plain = typeof answer.message === 'string' ? answer.message : undefined
  return new DeskError({
    status,
    excType: typeof answer.exc_type === 'string' ? answer.exc_type : '',
    code: typeof error.code === 'string' ? error.code : codeOf(status),
    message: said ?? plain ?? `The server answered ${status}.`,
    ...(messages.length > 0 && { messages }),
  })
}

/** The server could not be reached, or went away before it answered. */
export const unreachable = (message = 'The server could not be reached.'): DeskError =>
  new DeskError({ status: 0, message })
