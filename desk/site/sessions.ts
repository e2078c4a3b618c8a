import { createHash, randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import { GUEST } from '../permissions/roles.ts'
import type { Site } from './site.ts'

/** Someone who has proved who they are. */
export interface Login {
  /** What ends it: the hash of a session's id, or `api_key:<key>`. */
  id: string
  user: string
  fullName: string
  userImage: string | null
  systemUser: boolean
  language: string | null
}

/**
 * A login by a cookie, whose `sid` has `id` for its hash. The database knows the hash only, so that a copy of it
 * opens no session.
 */
export interface Session extends Login {
  /** Set when a page of the desk has been rendered; from then on writes must carry it. */
  csrfToken: string | null
}

/** What a login says of its user, as columns of `tabUser`. */
export const PERSON = ['full_name', 'user_image', 'user_type', 'language'] as const

export interface PersonRow {
  full_name: string | null
  user_image: string | null
  user_type: string | null
  language: string | null
}

export const personOf = (user: string, row: PersonRow): Omit<Login, 'id'> => ({
  user,
  fullName: row.full_name ?? user,
  userImage: row.user_image,
  systemUser: row.user_type === 'System User',
  language: row.language,
})

interface SessionRow extends PersonRow {
  user: string
  sessiondata: string | null
  lastupdate: string
}

const DEFAULT_DAYS = 7
/** How stale `lastupdate` may grow before a request writes it again. */
const TOUCH_AFTER_MS = 600_000

export function sessionSeconds(site: Site): number {
  return (site.config.session_days ?? DEFAULT_DAYS) * 86_400
}

export const hashSid = (sid: string): string => createHash('sha256').update(sid).digest('hex')

/** @param data what the session remembers, such as the device that logged in @returns the cookie's value */
export async function createSession(
  ctx: Context,
  user: string,
  data: Record<string, string> = {},
): Promise<string> {
  const sid = randomBytes(28).toString('hex')
  const now = ctx.now()
  await ctx.db('tabSessions').insert({
    sid: hashSid(sid),
    user,
    sessiondata: JSON.stringify(data),
    ipaddress: ctx.identity.ip ?? null,
    creation: now,
    lastupdate: now,
    status: 'Active',
  })
  return sid
}

/** The session of a cookie, if it lives and its user is enabled; not asked of the database twice in a second. */
export async function findSession(site: Site, sid: string): Promise<Session | null> {
  if (sid === '' || sid === GUEST) return null
  const id = hashSid(sid)
  return await site.logins.get(id, () => readSession(site, id))
}

async function readSession(site: Site, id: string): Promise<Session | null> {
  const row = await site.database
    .reader('tabSessions')
    .join('tabUser', 'tabUser.name', 'tabSessions.user')
    .where({ 'tabSessions.sid': id, 'tabUser.enabled': 1 })
    .where('tabSessions.lastupdate', '>', site.clock.at(Date.now() - sessionSeconds(site) * 1000))
    .first<SessionRow | undefined>(
      'tabSessions.user',
      'tabSessions.sessiondata',
      'tabSessions.lastupdate',
      ...PERSON.map((field) => `tabUser.${field}`),
    )
  if (!row) return null
  if (row.lastupdate < site.clock.at(Date.now() - TOUCH_AFTER_MS)) await touch(site, id, row.user)
  return { id, ...personOf(row.user, row), csrfToken: csrfOf(row.sessiondata) }
}

async function touch(site: Site, id: string, user: string): Promise<void> {
  await site.database.transaction(async (tx) => {
    const now = site.clock.now()
    await tx('tabSessions').where({ sid: id }).update({ lastupdate: now })
    await tx('tabUser').where({ name: user }).update({ last_active: now })
  })
}

function dataOf(text: string | null): Record<string, unknown> {
  const parsed: unknown = JSON.parse(text ?? '{}')
  return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
}

function csrfOf(text: string | null): string | null {
  const { csrf_token: token } = dataOf(text)
  return typeof token === 'string' ? token : null
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
      .update({ sessiondata: JSON.stringify({ ...dataOf(row?.sessiondata ?? null), csrf_token: fresh }) })
    return fresh
  })
  session.csrfToken = token
  site.logins.forget(({ id }) => id === session.id)
  return token
}

export const LOGGED_OUT = 4401

/** Ends one session; its sockets close. */
export async function endSession(ctx: Context, id: string): Promise<void> {
  await ctx.db('tabSessions').where({ sid: id }).delete()
  ctx.closeSockets({ session: id }, LOGGED_OUT, 'logged out')
}

/** Ends all sessions of a user, also those that an API key holds open; their sockets close. */
export async function endSessionsOf(ctx: Context, user: string): Promise<void> {
  await ctx.db('tabSessions').where({ user }).delete()
  ctx.closeSockets({ user }, LOGGED_OUT, 'session ended')
}

/** Ends a user's other sessions and keeps the one that asks. @returns how many ended */
export async function endOtherSessions(
  ctx: Context,
  user: string,
  kept: string | undefined,
): Promise<number> {
  const others = await ctx
    .db('tabSessions')
    .where({ user })
    .whereNot({ sid: kept ?? '' })
    .pluck<string[]>('sid')
  for (const id of others) await endSession(ctx, id)
  return others.length
}
