import type { Context } from '@f-chat/desk'
import { memberRoom, memberRooms } from '../chat_room/membership.ts'
import { nameFor, peersOf } from '../chat_room/peers.ts'
import { rowsOf, type Query } from '../query.ts'

/** A call that the caller was invited to. */
export interface PastCall {
  name: string
  session_id: string | null
  chat_room: string
  room_name: string
  room_type: string
  call_type: string
  call_status: string
  initiated_by: string
  initiated_by_name: string
  start_time: string
  end_time: string | null
  /** Seconds. */
  total_duration: number
  participant_count: number
  /** What became of the caller's own place. */
  user_status: string
}

export interface HistoryQuery {
  room: string | undefined
  limit: number
  offset: number
}

/** The caller's calls in rooms that are still theirs, newest first; at most four statements. */
export async function callHistory(
  ctx: Context,
  { room, limit, offset }: HistoryQuery,
): Promise<{ calls: PastCall[]; total: number }> {
  if (room !== undefined) await memberRoom(ctx, room)
  const [counted] = await rowsOf<{ total: number }>(matching(ctx, room).count({ total: '*' }))
  const rows = await rowsOf<Omit<PastCall, 'initiated_by_name'> & { initiated_by_name: string | null }>(
    matching(ctx, room)
      .leftJoin('tabUser as u', 'u.name', 's.initiated_by')
      .orderBy([
        { column: 's.start_time', order: 'desc' },
        { column: 's.name', order: 'desc' },
      ])
      .limit(limit)
      .offset(offset)
      .select(
        ...['name', 'session_id', 'chat_room', 'call_type', 'call_status', 'initiated_by'].map(
          (c) => `s.${c}`,
        ),
        ...['start_time', 'end_time', 'total_duration'].map((c) => `s.${c}`),
        ...['r.room_name', 'r.room_type', 'p.status as user_status', 'u.full_name as initiated_by_name'],
      )
      .select({
        participant_count: ctx.db('tabChat Call Participant as c').whereRaw('c.parent = s.name').count('*'),
      }),
  )
  const direct = rows.filter(({ room_type }) => room_type === 'Direct Message')
  const peers = await peersOf(ctx, [...new Set(direct.map(({ chat_room }) => chat_room))])
  const calls = rows.map((row) => ({
    ...row,
    initiated_by_name: row.initiated_by_name ?? row.initiated_by,
    room_name: nameFor(row, peers.get(row.chat_room)),
  }))
  return { calls, total: counted?.total ?? 0 }
}

function matching(ctx: Context, room: string | undefined): Query {
  return memberRooms(ctx)
    .join('tabChat Call Session as s', 's.chat_room', 'r.name')
    .join('tabChat Call Participant as p', (on) => {
      on.on('p.parent', 's.name').andOn('p.user', 'm.user')
    })
    .whereNot('r.room_status', 'Deleted')
    .modify((query) => {
      if (room !== undefined) void query.where('s.chat_room', room)
    })
}
