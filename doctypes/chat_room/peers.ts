import type { Context } from '@f-chat/desk'

/** The other member of a Direct Message. */
export interface Peer {
  user: string
  full_name: string
  user_image: string | null
}

/** The other members of these Direct Messages, by room; one statement. */
export async function peersOf(ctx: Context, rooms: readonly string[]): Promise<ReadonlyMap<string, Peer>> {
  if (rooms.length === 0) return new Map()
  const rows = await ctx
    .db('tabChat Room Member as m')
    .leftJoin('tabUser as u', 'u.name', 'm.user')
    .whereIn('m.parent', rooms)
    .whereNot('m.user', ctx.user)
    .select<{ room: string; user: string; full_name: string | null; user_image: string | null }[]>(
      'm.parent as room',
      'm.user',
      'u.full_name',
      'u.user_image',
    )
  return new Map(
    rows.map(({ room, user, full_name, user_image }) => [
      room,
      { user, full_name: full_name ?? user, user_image },
    ]),
  )
}

/** What a member calls a room: a Direct Message by the other's name. */
export function nameFor(room: { room_name: string; room_type: string }, peer: Peer | undefined): string {
  return room.room_type === 'Direct Message' && peer ? peer.full_name : room.room_name
}
