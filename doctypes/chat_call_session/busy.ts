import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { placeOf, type Call } from './call.ts'
import { withLiveDevices } from './lives.ts'
import { step } from './machine.ts'

interface BusyRow {
  user: string
  call: string
  state: string
}

/** Of these users, those who are in another call just now. */
export async function busyUsers(
  ctx: Context,
  besides: string | null,
  users: readonly string[],
): Promise<string[]> {
  const rows = await inOtherCalls(ctx, besides, users)
  const busy = new Set(rows.map(({ user }) => user))
  return users.filter((user) => busy.has(user))
}

/** The call that a user is in on a device that is there. */
export async function callOf(ctx: Context, user: string): Promise<string | undefined> {
  const rows = await inOtherCalls(ctx, null, [user])
  const now = Date.now()
  return rows.find(({ state }) => {
    const call = withLiveDevices(ctx.site, JSON.parse(state) as Call, now)
    const [today] = step(call, { type: 'tick', at: now })
    const place = placeOf(today, user)
    return place?.status === 'Joined' && !place.gone
  })?.call
}

async function inOtherCalls(
  ctx: Context,
  besides: string | null,
  users: readonly string[],
): Promise<BusyRow[]> {
  if (users.length === 0) return []
  return await rowsOf<BusyRow>(
    ctx
      .db('tabChat Call Session as s')
      .join('tabChat Call Participant as p', 'p.parent', 's.name')
      .whereNotNull('s.active_room')
      .where('p.status', 'Joined')
      .whereIn('p.user', users)
      .modify((query) => {
        if (besides !== null) void query.whereNot('s.name', besides)
      })
      .select('p.user as user', 's.name as call', 's.running_state as state'),
  )
}
