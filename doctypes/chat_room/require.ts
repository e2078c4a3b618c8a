import { PermissionError, ValidationError } from '@f-chat/desk'
import { powersIn, type Powers, type RoomKind, type Standing } from './powers.ts'

export const ARCHIVED = 'This room is archived: it can be read, not written in.'

/**
 * Refuses what a member may not do, with the reason.
 * @param otherwise the reason where neither the room's state nor a mute stands in the way
 * @throws PermissionError, ValidationError
 */
export function requirePower(room: RoomKind, member: Standing, power: keyof Powers, otherwise: string): void {
  if (powersIn(room, member)[power]) return
  if (member.is_muted) throw new PermissionError('You are muted in this room. Ask one of its Admins.')
  if (room.room_status !== 'Active') throw new ValidationError(ARCHIVED)
  throw new PermissionError(otherwise)
}
