import type { FastifyReply } from 'fastify'
import type { Site } from '../site/site.ts'
import { sessionSeconds, type Session } from '../site/sessions.ts'

type Person = Pick<Session, 'user' | 'fullName' | 'userImage' | 'systemUser'>

/** The five cookies of a login (frappe-contract.md §2): only `sid` is hidden from scripts. */
export function setLoginCookies(reply: FastifyReply, site: Site, sid: string, person: Person): void {
  const common = {
    path: '/',
    sameSite: 'lax' as const,
    maxAge: sessionSeconds(site),
    secure: reply.request.protocol === 'https',
  }
  void reply
    .setCookie('sid', sid, { ...common, httpOnly: true })
    .setCookie('system_user', person.systemUser ? 'yes' : 'no', common)
    .setCookie('full_name', person.fullName, common)
    .setCookie('user_id', person.user, common)
    .setCookie('user_image', person.userImage ?? '', common)
}

export function clearLoginCookies(reply: FastifyReply): void {
  for (const name of ['sid', 'system_user', 'full_name', 'user_id', 'user_image']) {
    void reply.setCookie(name, '', {
      path: '/',
      sameSite: 'lax',
      expires: new Date(0),
      httpOnly: name === 'sid',
    })
  }
}
