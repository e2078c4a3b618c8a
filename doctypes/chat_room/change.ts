import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { roomNotFound } from './membership.ts'
import type { Standing } from './powers.ts'

/** A room that this transaction holds: nobody else sends to it or changes it until the commit. */
export interface LockedRoom {
  name: string
  room_name: string
  room_type: string
  room_status: string
  max_members: number
  allow_file_sharing: number
  team_master: string | null
  team_left: string | null
  last_seq: number
  /** Moves with every {@link nextChange}. */
  change_seq: number
}

export interface LockedMember extends Standing {
  /** The row's own name. */
  name: string
  user: string
  /** 1: came with the room's team. */
  via_team: number
  idx: number
}

const MEMBER = ['name', 'user', 'role', 'is_muted', 'via_team', 'idx']

/**
 * Holds a room's row until the commit. Always the first lock of a change, and before anything is decided: what a
 * transaction has read before may be older than what others have committed since.
 * @param deleted whether a deleted room may be held: for what is done to it when nobody can see it any more
 * @throws DoesNotExistError, also for a room that was deleted
 */
export async function lockRoom(ctx: Context, room: string, { deleted = false } = {}): Promise<LockedRoom> {
  const [row] = await rowsOf<LockedRoom>(
    ctx
      .db('tabChat Room')
      .where({ name: room })
      .forUpdate()
      .select(
        ...['name', 'room_name', 'room_type', 'room_status', 'max_members', 'allow_file_sharing'],
        ...['team_master', 'team_left', 'last_seq', 'change_seq'],
      ),
  )
  // MariaDB's collation finds `cr-1` too: only the id itself is the room's.
  if (row?.name !== room || (row.room_status === 'Deleted' && !deleted)) throw roomNotFound(room)
  return row
}

/** The members of a locked room as the newest commit left them, in their order; held until the commit. */
export async function lockMembers(ctx: Context, { name }: LockedRoom): Promise<LockedMember[]> {
  return await rowsOf<LockedMember>(
    ctx.db('tabChat Room Member').where({ parent: name }).orderBy('idx').forUpdate().select(MEMBER),
  )
}

/** A room held by one of its members. @throws DoesNotExistError for outsiders too */
export async function lockMemberRoom(
  ctx: Context,
  room: string,
): Promise<{ room: LockedRoom; member: LockedMember }> {
  const locked = await lockRoom(ctx, room)
  const [member] = await rowsOf<LockedMember>(
    ctx.db('tabChat Room Member').where({ parent: room, user: ctx.user }).forUpdate().select(MEMBER),
  )
  if (!member) throw roomNotFound(room)
  return { room: locked, member }
}

/** What of a room a change is of: sync gives members and settings only to those whose copy is older. */
export type ChangeOf = 'message' | 'members' | 'settings'

/**
 * Takes the next change_seq of a locked room, or the next `count` of them for as many messages.
 * @returns the last one taken
 */
export async function nextChange(
  ctx: Context,
  room: LockedRoom,
  of: ChangeOf,
  { at = ctx.now(), count = 1 }: { at?: string; count?: number } = {},
): Promise<number> {
  const next = room.change_seq + count
  await ctx
    .db('tabChat Room')
    .where({ name: room.name })
    .update({
      change_seq: next,
      last_change: at,
      ...(of === 'members' && { members_change_seq: next }),
      ...(of === 'settings' && { settings_change_seq: next }),
    })
  room.change_seq = next
  return next
}
