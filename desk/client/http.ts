import { siteAddress } from './base.ts'
import { answerError, DeskError, unreachable } from './error.ts'

/** A request without an answer for so long counts as unreachable, in ms. */
const TIMEOUT_MS = 120_000

export interface RequestOptions {
  signal?: AbortSignal
}

/** One request of ours over HTTP; resolves with the parsed body. */
export type HttpRequest = (
  verb: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: Record<string, unknown>,
  options?: RequestOptions,
) => Promise<Record<string, unknown>>

/** A list, object or scalar as a query value: objects as JSON, null and undefined left out. */
export function encodeQuery(args: Record<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(args)) {
    if (value === undefined || value === null) continue
    query.set(key, typeof value === 'string' ? value : JSON.stringify(value))
  }
  const encoded = query.toString()
  return encoded && `?${encoded}`
}

async function parse(response: Response, signal: AbortSignal): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>
  } catch (error) {
    if (signal.aborted || !(error instanceof SyntaxError)) throw error
    if (response.ok)
      throw new DeskError({ status: 502, message: 'The server answered something unreadable.' })
    return {}
  }
}

/** Requests with the session cookie, the CSRF token read anew for each (it may rotate), and the page's device id. */
export function httpClient(device: string, csrfToken: () => string): HttpRequest {
  return async (verb, path, body, options = {}) => {
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'X-Requested-With': 'XMLHttpRequest',
      'X-Desk-Device': device,
    }
    if (verb !== 'GET') headers['X-Frappe-CSRF-Token'] = csrfToken()
    if (body) headers['Content-Type'] = 'application/json'
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
    try {
      const response = await fetch(siteAddress(path), {
        method: verb,
        headers,
        credentials: 'same-origin',
        ...(body && { body: JSON.stringify(body) }),
        signal,
      })
      const answer = await parse(response, signal)
      if (!response.ok) throw answerError(response.status, answer)
      return answer
    } catch (error) {
      if (error instanceof DeskError || options.signal?.aborted) throw error
      throw timeout.aborted ? unreachable('The server did not answer in time.') : unreachable()
    }
  }
}
