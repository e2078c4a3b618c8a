import type { FastifyInstance } from 'fastify'
import type { Site } from '../site/site.ts'
import { besides } from './answer.ts'
import { clearLoginCookies, setGuestCookies } from './cookies.ts'
import { callerOf } from './identify.ts'
import { fromOwnPage } from './same-origin.ts'

/**
 * What Frappe's answers carry besides their result: what was said with `ctx.msgprint`, that a session has expired,
 * and the cookies of a guest.
 */
export function besidesResult(server: FastifyInstance, site: Site): void {
  server.addHook('preSerialization', (request, reply, payload, done) => {
    const caller = callerOf(request)
    if (!caller || typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
      done(null, payload)
      return
    }
    if (caller.staleCookie && !reply.hasHeader('Set-Cookie')) clearLoginCookies(reply)
    done(null, {
      ...payload,
      ...(caller.identity.reply ? besides(caller.identity.reply) : {}),
      ...(caller.expired ? { session_expired: 1 } : {}),
    })
  })
  server.addHook('onSend', (request, reply, payload, done) => {
    const caller = callerOf(request)
    const hasNone = caller && !caller.login && request.headers.cookie === undefined
    // A form of a foreign page brings no cookies, and must not take those away that there are.
    const isNew = hasNone && fromOwnPage(request, site.config)
    if (isNew && !reply.hasHeader('Set-Cookie')) setGuestCookies(reply)
    done(null, payload)
  })
}
