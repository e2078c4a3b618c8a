import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { joined, placeOf } from './call.ts'
import { CALL_COLUMNS, readRow, type CallRow } from './store.ts'

const TOPIC = 'Chat Call Session'

/** Who is in a call on which device, as signals need it. */
export interface Places {
  session_id: string
  room: string
  /** Device by user; members of the room alone. */
  devices: ReadonlyMap<string, string>
  /** Users who are part of it, joined or not. */
  users: ReadonlySet<string>
}

/** After a step: what was remembered of calls is read anew. */
export function forgetPlaces(ctx: Context): void {
  ctx.invalidate(TOPIC)
}

/** Remembered until a step, for a second at most: signals are many. @returns null for no running call of this name */
export async function placesOf(ctx: Context, name: string): Promise<Places | null> {
  return await ctx.cached(TOPIC, name, async (db) => {
    const row = await db('tabChat Call Session').where({ name }).first<CallRow | undefined>(CALL_COLUMNS)
    const stored = row?.name === name ? readRow(row) : undefined
    if (!stored?.call) return null
    const { session_id, room, call } = stored
    const users = call.places.map(({ user }) => user)
    const members = await rowsOf<{ user: string }>(
      db('tabChat Room Member').where({ parent: room }).whereIn('user', users).select('user'),
    )
    const isMember = new Set(members.map(({ user }) => user))
    return {
      session_id,
      room,
      devices: new Map(
        joined(call).flatMap(({ user, device }) =>
          device !== null && isMember.has(user) ? [[user, device] as const] : [],
        ),
      ),
      users: new Set(users.filter((user) => isMember.has(user) && placeOf(call, user))),
    }
  })
}
