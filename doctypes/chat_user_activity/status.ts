import { DoesNotExistError, GUEST, type Context } from '@f-chat/desk'
import { presenceOf } from '../../realtime/presence.ts'
import { STALE_SECONDS } from '../../realtime/presence/settings.ts'
import type { PresenceShown } from '../../realtime/presence/shown.ts'
import type { Status } from '../../realtime/presence/user-presence.ts'
import { memberRoom } from '../chat_room/membership.ts'
import { spellings } from '../chat_room/users.ts'
import { rowsOf, type Query } from '../query.ts'

/** A user with what is known of their presence. */
export interface UserStatus extends PresenceShown {
  user: string
  full_name: string
}

interface StoredStatus {
  user: string
  full_name: string | null
  chat_status: Status | null
  last_seen: string | null
  last_activity: string | null
}

/**
 * One user's status; the caller's own, where no user is given.
 * @throws DoesNotExistError where there is no such user, or none that the caller may know of
 */
export async function readStatus(ctx: Context, user = ctx.user): Promise<UserStatus> {
  const [status] = await statusesOf(ctx, [user])
  if (!status) throw new DoesNotExistError(`User ${user.slice(0, 140)} not found.`)
  return status
}

/** The status of those among these users whom the caller may know of; one statement. */
export async function statusesOf(ctx: Context, users: readonly string[]): Promise<UserStatus[]> {
  const names = new Set(users.flatMap(spellings))
  const rows = await rowsOf<StoredStatus>(
    storedStatuses(ctx)
      .whereIn('u.name', [...names])
      .where(await visibleTo(ctx)),
  )
  // MariaDB's collation finds other spellings, too.
  return await withPresence(
    ctx,
    rows.filter(({ user }) => names.has(user)),
  )
}

/** Those who are there among the caller and everybody who shares a room with them. */
export async function onlineAround(ctx: Context): Promise<UserStatus[]> {
  const around = storedStatuses(ctx).where((either) => {
    void either.where('u.name', ctx.user).orWhereIn('u.name', companions(ctx))
  })
  return (await statusesBy(ctx, around)).filter(isThere)
}

/** Those who are there among a room's members. @throws DoesNotExistError for outsiders too */
export async function onlineIn(
  ctx: Context,
  room: string,
): Promise<{ online: UserStatus[]; members: number }> {
  await memberRoom(ctx, room)
  const inRoom = storedStatuses(ctx)
    .join('tabChat Room Member as m', 'm.user', 'u.name')
    .where('m.parent', room)
  const members = await statusesBy(ctx, inRoom)
  return { online: members.filter(isThere), members: members.length }
}

/**
 * Of whom the caller may know: themself, who shares a room with them, and, where they may look for people to talk to,
 * everybody whom they would find.
 */
async function visibleTo(ctx: Context): Promise<(user: Query) => void> {
  const looksForPeople = await ctx.hasPermission('Chat Room', 'create')
  return (user) => {
    void user.whereNot('u.name', GUEST).where((either) => {
      void either.where('u.name', ctx.user).orWhereIn('u.name', companions(ctx))
      if (looksForPeople) void either.orWhere({ 'u.enabled': 1, 'u.user_type': 'System User' })
    })
  }
}

/** The members of the caller's rooms, as a subquery. */
function companions(ctx: Context): Query {
  return ctx
    .db('tabChat Room Member as mine')
    .join('tabChat Room as r', 'r.name', 'mine.parent')
    .join('tabChat Room Member as theirs', 'theirs.parent', 'mine.parent')
    .where('mine.user', ctx.user)
    .whereNot('r.room_status', 'Deleted')
    .select('theirs.user')
}

function storedStatuses(ctx: Context): Query {
  return ctx
    .db('tabUser as u')
    .leftJoin('tabChat User Activity as a', 'a.name', 'u.name')
    .select('u.name as user', 'u.full_name', 'a.chat_status', 'a.last_seen', 'a.last_activity')
}

async function statusesBy(ctx: Context, query: Query): Promise<UserStatus[]> {
  const ordered = query.orderBy([{ column: 'u.full_name' }, { column: 'u.name' }])
  return await withPresence(ctx, await rowsOf<StoredStatus>(ordered))
}

/** What presence knows is newer than what is stored; what is stored counts until it is stale. */
async function withPresence(ctx: Context, rows: readonly StoredStatus[]): Promise<UserStatus[]> {
  const known = await presenceOf(ctx.site).shown(rows.map(({ user }) => user))
  const fresh = ctx.site.clock.at(Date.now() - STALE_SECONDS * 1000)
  return rows.map(({ user, full_name, chat_status, last_seen, last_activity }) => {
    const isFresh = [last_seen, last_activity].some((time) => time !== null && time >= fresh)
    const stored = { status: (isFresh ? chat_status : null) ?? 'offline', last_seen, last_activity }
    const now = known.get(user)
    return {
      user,
      full_name: full_name ?? user,
      status: now?.status ?? stored.status,
      last_seen: now?.last_seen ?? last_seen,
      last_activity: now?.last_activity ?? last_activity,
    }
  })
}

const isThere = ({ status }: UserStatus): boolean => status !== 'offline'
