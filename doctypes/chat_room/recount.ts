import type { Context, Site } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { lockRoom } from './change.ts'

/** Counters that were wrong and are right again. */
export interface Recounted {
  rooms: number
  members: number
}

/**
 * Compares the counters that rooms and members keep (deleted messages, own messages after the read mark) with the
 * messages, room by room, and corrects what has drifted. Rooms are looked at without a lock first, so that nobody
 * waits where all is well.
 */
export async function recountRooms(site: Site, user: string): Promise<Recounted> {
  const names = await site.read({ user }, (ctx) =>
    ctx.db('tabChat Room').whereNot('room_status', 'Deleted').orderBy('name').pluck<string[]>('name'),
  )
  const total: Recounted = { rooms: 0, members: 0 }
  for (const name of names) {
    const found = await site.read({ user }, (ctx) => driftOf(ctx, name))
    if (found.deleted === null && found.members.length === 0) continue
    const repaired = await site.write({ user }, (ctx) => repair(ctx, name))
    total.rooms += repaired.rooms
    total.members += repaired.members
  }
  return total
}

interface Drift {
  /** The right number, where the room has another. */
  deleted: number | null
  members: { user: string; own: number }[]
}

async function driftOf(ctx: Context, name: string): Promise<Drift> {
  const [room] = await rowsOf<{ deleted_count: number; deleted: number }>(
    ctx
      .db('tabChat Room as r')
      .where('r.name', name)
      .select('r.deleted_count', {
        deleted: ctx
          .db('tabChat Message as m')
          .whereRaw('m.chat_room = r.name')
          .where('m.is_deleted', 1)
          .count('*'),
      }),
  )
  const members = await ctx
    .db('tabChat Room Member')
    .where({ parent: name })
    .select<{ user: string; own_since_read: number }[]>('user', 'own_since_read')
  const written = await ownAfterRead(ctx, name)
  return {
    deleted: room && room.deleted !== room.deleted_count ? room.deleted : null,
    members: members
      .map(({ user, own_since_read }) => ({ user, own_since_read, own: written.get(user) ?? 0 }))
      .filter(({ own, own_since_read }) => own !== own_since_read),
  }
}

/** By member, what they wrote after their read mark. One walk over the room's messages, whoever has not read. */
async function ownAfterRead(ctx: Context, name: string): Promise<ReadonlyMap<string, number>> {
  const inThisOrder = ctx.kind === 'mariadb' ? 'straight_join' : 'cross join'
  const rows = await rowsOf<{ user: string; own: number }>(
    ctx
      .db('tabChat Message as w')
      .joinRaw(
        `${inThisOrder} \`tabChat Room Member\` as m on m.parent = w.chat_room and m.user = w.sender and w.seq > m.last_read_seq`,
      )
      .where('w.chat_room', name)
      .groupBy('m.user')
      .select('m.user')
      .count({ own: '*' }),
  )
  return new Map(rows.map(({ user, own }) => [user, own]))
}

async function repair(ctx: Context, name: string): Promise<Recounted> {
  await lockRoom(ctx, name)
  const { deleted, members } = await driftOf(ctx, name)
  if (deleted !== null) await ctx.db('tabChat Room').where({ name }).update({ deleted_count: deleted })
  for (const { user, own } of members) {
    await ctx.db('tabChat Room Member').where({ parent: name, user }).update({ own_since_read: own })
  }
  return { rooms: deleted === null ? 0 : 1, members: members.length }
}
