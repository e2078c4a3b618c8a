import { createHash, randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import { GUEST } from '../permissions/roles.ts'
import type { Site } from './site.ts'

/** A login. The database knows the session's id by its hash only, so that a copy of it opens no session. */
export interface Session {
  /** Hash of the cookie's `sid`. */
  id: string
  user: string
  fullName: string
  userImage: string | null
  systemUser: boolean
  language: string | null
  /** Set when a page of the desk has been rendered; from then on writes must carry it. */
  csrfToken: string | null
}

interface SessionRow {
  user: string
  sessiondata: string | null
  lastupdate: string
  full_name: string | null
  user_image: string | null
  user_type: string | null
  language: string | null
}

const DEFAULT_DAYS = 7
/** How stale `lastupdate` may grow before a request writes it again. */
const TOUCH_AFTER_MS = 600_000

export function sessionSeconds(site: Site): number {
  return (site.config.session_days ?? DEFAULT_DAYS) * 86_400
}

export const hashSid = (sid: string): string => createHash('sha256').update(sid).digest('hex')

/** @returns the cookie's value */
export async function createSession(ctx: Context, user: string): Promise<string> {
  const sid = randomBytes(28).toString('hex')
  const now = ctx.now()
  await ctx.db('tabSessions').insert({
    sid: hashSid(sid),
    user,
    sessiondata: '{}',
    ipaddress: ctx.identity.ip ?? null,
    creation: now,
    lastupdate: now,
    status: 'Active',
  })
  return sid
}

/** The session of a cookie, if it lives and its user is enabled. */
export async function findSession(site: Site, sid: string): Promise<Session | null> {
  if (sid === '' || sid === GUEST) return null
  const id = hashSid(sid)
  const row = await site.database
    .reader('tabSessions')
    .join('tabUser', 'tabUser.name', 'tabSessions.user')
    .where({ 'tabSessions.sid': id, 'tabUser.enabled': 1 })
    .where('tabSessions.lastupdate', '>', site.clock.at(Date.now() - sessionSeconds(site) * 1000))
    .first<SessionRow | undefined>(
      'tabSessions.user',
      'tabSessions.sessiondata',
      'tabSessions.lastupdate',
      'tabUser.full_name',
      'tabUser.user_image',
      'tabUser.user_type',
      'tabUser.language',
    )
  if (!row) return null
  if (row.lastupdate < site.clock.at(Date.now() - TOUCH_AFTER_MS)) await touch(site, id)
  return {
    id,
    user: row.user,
    fullName: row.full_name ?? row.user,
    userImage: row.user_image,
    systemUser: row.user_type === 'System User',
    language: row.language,
    csrfToken: csrfOf(row.sessiondata),
  }
}

async function touch(site: Site, id: string): Promise<void> {
  await site.database.transaction((tx) =>
    tx('tabSessions').where({ sid: id }).update({ lastupdate: site.clock.now() }),
  )
}

function csrfOf(data: string | null): string | null {
  const parsed: unknown = JSON.parse(data ?? '{}')
  return typeof parsed === 'object' && parsed !== null && 'csrf_token' in parsed
    ? String(parsed.csrf_token)
    : null
}

/** The session's CSRF token, made at the first page that needs it; pages that load together get the same. */
export async function ensureCsrfToken(site: Site, session: Session): Promise<string> {
  if (session.csrfToken) return session.csrfToken
  const token = await site.database.transaction(async (tx: Knex.Transaction) => {
    const row = await tx('tabSessions')
      .where({ sid: session.id })
      .forUpdate()
      .first<{ sessiondata: string | null } | undefined>('sessiondata')
    const made = csrfOf(row?.sessiondata ?? null)
    if (made) return made
    const fresh = randomBytes(28).toString('hex')
    await tx('tabSessions')
      .where({ sid: session.id })
      .update({ sessiondata: JSON.stringify({ csrf_token: fresh }) })
    return fresh
  })
  session.csrfToken = token
  return token
}

export const LOGGED_OUT = 4401

/** Ends one session; its sockets close. */
export async function endSession(ctx: Context, id: string): Promise<void> {
  await ctx.db('tabSessions').where({ sid: id }).delete()
  ctx.closeSockets({ session: id }, LOGGED_OUT, 'logged out')
}

/** Ends all sessions of a user; their sockets close. */
export async function endSessionsOf(ctx: Context, user: string): Promise<void> {
  await ctx.db('tabSessions').where({ user }).delete()
  ctx.closeSockets({ user }, LOGGED_OUT, 'session ended')
}
