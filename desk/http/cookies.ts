import type { FastifyReply } from 'fastify'
import { GUEST } from '../permissions/roles.ts'
import type { Site } from '../site/site.ts'
import { sessionSeconds, type Login } from '../site/sessions.ts'
import { servedBy } from './served.ts'

type Person = Pick<Login, 'user' | 'fullName' | 'userImage' | 'systemUser'>

/**
 * The five cookies of a login (frappe-contract.md §2): only `sid` is hidden from scripts. Where an application says
 * who its users are, desk sets none, and takes away none of the same name.
 */
export function setLoginCookies(reply: FastifyReply, site: Site, sid: string, person: Person): void {
  setCookies(reply, sid, person, sessionSeconds(site))
}

/** Those of somebody who has not logged in; they end with the browser. */
export function setGuestCookies(reply: FastifyReply): void {
  setCookies(reply, GUEST, { user: GUEST, fullName: GUEST, userImage: null, systemUser: false })
}

function setCookies(reply: FastifyReply, sid: string, person: Person, maxAge?: number): void {
  const { base, host } = servedBy(reply)
  if (host) return
  const common = {
    path: base || '/',
    sameSite: 'lax' as const,
    secure: reply.request.protocol === 'https',
    ...(maxAge === undefined ? {} : { maxAge }),
  }
  void reply
    .setCookie('sid', sid, { ...common, httpOnly: true })
    .setCookie('system_user', person.systemUser ? 'yes' : 'no', common)
    .setCookie('full_name', person.fullName, common)
    .setCookie('user_id', person.user, common)
    .setCookie('user_image', person.userImage ?? '', common)
}

export function clearLoginCookies(reply: FastifyReply): void {
  const { base, host } = servedBy(reply)
  if (host) return
  for (const name of ['sid', 'system_user', 'full_name', 'user_id', 'user_image']) {
    void reply.setCookie(name, '', {
      path: base || '/',
      sameSite: 'lax',
      secure: reply.request.protocol === 'https',
      expires: new Date(0),
      httpOnly: name === 'sid',
    })
  }
}
