import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { memberRoom, type MemberRoom } from './membership.ts'
import { powersIn, type Powers, type RoomKind, type Standing } from './powers.ts'
import { spellings } from './users.ts'

/** A user's place in a room and what it lets them do, as check_room_permissions answers it. */
export interface RoomPermissions extends Powers {
  is_member: boolean
  role: string | null
  is_muted: boolean
  joined_date: string | null
}

/** A member, as far as rights go. */
export interface RoomMembership extends Standing {
  user: string
  joined_date: string | null
}

/** @param member none for users who are not in the room */
export function permissionsIn(room: RoomKind, member: RoomMembership | undefined): RoomPermissions {
  return {
    is_member: member !== undefined,
    role: member?.role ?? null,
    is_muted: member?.is_muted === 1,
    joined_date: member?.joined_date ?? null,
    ...powersIn(room, member),
  }
}

/**
 * What a user may do in a room of the caller's; the caller themself, where no user is given.
 * @throws DoesNotExistError where the caller may not see the room
 */
export async function readPermissions(
  ctx: Context,
  room: string,
  user = ctx.user,
): Promise<{ room: MemberRoom; user: string; permissions: RoomPermissions }> {
  const found = await memberRoom(ctx, room)
  const [member] = await rowsOf<RoomMembership>(
    ctx
      .db('tabChat Room Member')
      .where({ parent: room })
      .whereIn('user', spellings(user))
      .select('user', 'role', 'is_muted', 'joined_date'),
  )
  return { room: found, user: member?.user ?? user.trim(), permissions: permissionsIn(found, member) }
}
