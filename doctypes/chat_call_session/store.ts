import { hashName, type Context } from '@f-chat/desk'
import type { LockedRoom } from '../chat_room/change.ts'
import { rowsOf } from '../query.ts'
import { isOver, type Call, type Instant, type Place } from './call.ts'
import type { ChatCallSessionFields } from './chat_call_session.types.ts'
import { nextDeadline } from './ends.ts'
import { seconds, totalDuration } from './machine.ts'

/** What of a call never changes. */
export interface CallIdentity {
  name: string
  session_id: string
  room: string
}

export interface StoredCall extends CallIdentity {
  /** Null once it is over. */
  call: Call | null
}

/** A row of Chat Call Session as far as a running call needs it. */
export interface CallRow {
  name: string
  session_id: string
  chat_room: string
  running_state: string | null
}

export const CALL_COLUMNS = ['name', 'session_id', 'chat_room', 'running_state'] as const

export function readRow({ name, session_id, chat_room, running_state }: CallRow): StoredCall {
  const call = running_state === null ? null : (JSON.parse(running_state) as Call)
  return { name, session_id, room: chat_room, call }
}

/** Which room a call is of, or undefined for none of exactly this name. */
export async function roomOfCall(ctx: Context, name: string): Promise<string | undefined> {
  const row = await ctx
    .db('tabChat Call Session')
    .where({ name })
    .first<{ name: string; chat_room: string } | undefined>('name', 'chat_room')
  return row?.name === name ? row.chat_room : undefined
}

/** Holds a call's row until the commit; its room is held already. */
export async function lockCall(
  ctx: Context,
  which: { name: string } | { active_room: string },
): Promise<StoredCall | undefined> {
  const [row] = await rowsOf<CallRow>(
    ctx.db('tabChat Call Session').where(which).forUpdate().select(CALL_COLUMNS),
  )
  return row && readRow(row)
}

/** The document's fields that follow from the state of its call. */
export function fieldsOf(ctx: Context, room: string, call: Call): Partial<ChatCallSessionFields> {
  const over = isOver(call)
  const deadline = nextDeadline(call)
  return {
    call_type: call.type,
    call_status: call.status,
    end_time: call.endedAt === null ? null : ctx.site.clock.at(call.endedAt),
    total_duration: totalDuration(call),
    active_room: over ? null : room,
    next_deadline: deadline ? inUtc(deadline.at) : null,
    running_state: over ? null : JSON.stringify(call),
  }
}

/** A deadline as it is stored: in UTC, so that no change of the site's clocks moves it. */
export const inUtc = (at: Instant): string =>
  `${new Date(at).toISOString().replace('T', ' ').replace('Z', '')}000`

export function participantOf(ctx: Context, place: Place) {
  const text = (at: Instant | null): string | null => (at === null ? null : ctx.site.clock.at(at))
  return {
    user: place.user,
    status: place.status,
    joined_time: text(place.firstJoined),
    left_time: text(place.lastLeft),
    duration: seconds(place.spent),
  }
}

/** Writes what a step has changed. */
export async function saveCall(
  ctx: Context,
  { name }: CallIdentity,
  { name: room }: LockedRoom,
  before: Call,
  after: Call,
): Promise<void> {
  const modified = ctx.now()
  const touched = { modified, modified_by: ctx.user }
  await ctx
    .db('tabChat Call Session')
    .where({ name })
    .update({ ...fieldsOf(ctx, room, after), ...touched })
  const known = new Map(before.places.map((place) => [place.user, JSON.stringify(participantOf(ctx, place))]))
  const added: object[] = []
  for (const [i, place] of after.places.entries()) {
    const row = participantOf(ctx, place)
    const old = known.get(place.user)
    if (old === JSON.stringify(row)) continue
    if (old !== undefined) {
      await ctx
        .db('tabChat Call Participant')
        .where({ parent: name, user: place.user })
        .update({ ...row, ...touched })
      continue
    }
    added.push({
      ...row,
      ...touched,
      name: hashName(),
      owner: ctx.user,
      creation: modified,
      docstatus: 0,
      idx: i + 1,
      parent: name,
      parenttype: 'Chat Call Session',
      parentfield: 'participants',
    })
  }
  if (added.length > 0) await ctx.db('tabChat Call Participant').insert(added)
  ctx.noticeUpdate('Chat Call Session', name, modified)
}
