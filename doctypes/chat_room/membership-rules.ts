import { PermissionError, ValidationError } from '@f-chat/desk'
import { mayGive, mayGovern, type RoomKind, type Standing } from './powers.ts'
import { requirePower } from './require.ts'

/** No room holds more than this: every change of its members is told to each of them. */
export const MOST_MEMBERS = 10_000

/** A member of a room. */
export interface RoomMember extends Standing {
  user: string
}

/** … and whether they can do anything at all. */
export interface LivingMember extends RoomMember {
  enabled: boolean
}

/** Someone who can govern a room: an Admin who is neither muted nor disabled. */
export const isAbleAdmin = ({ role, is_muted, enabled }: Omit<LivingMember, 'user'>): boolean =>
  role === 'Admin' && !is_muted && enabled

const LEADERS = 'Only Admins and Moderators of this room may do that.'

/** The two of a Direct Message stay the two. @throws ValidationError */
function requireGroup({ room_type }: RoomKind): void {
  if (room_type !== 'Direct Message') return
  throw new ValidationError('A Direct Message stays between its two members. Open a Group Chat for more.')
}

/** Whether the caller may add members who get this role. @throws PermissionError, ValidationError */
export function checkAdding(room: RoomKind, caller: Standing, role: string): void {
  requireGroup(room)
  requirePower(room, caller, 'can_add_members', LEADERS)
  if (!mayGive(caller.role, role)) {
    throw new PermissionError('Only Admins give the role Admin or Moderator. Add them as Member.')
  }
}

/** What a full room answers to one more. */
export const fullRoom = (most: number): string =>
  `The room is full: it holds at most ${String(most)} members. An Admin can raise max_members.`

/** Whether the caller may take this member out. @throws PermissionError, ValidationError */
export function checkRemoving(
  room: RoomKind,
  caller: Standing,
  target: Standing | undefined,
): asserts target {
  requireGroup(room)
  requirePower(room, caller, 'can_remove_members', LEADERS)
  if (!target) throw notAMember()
  if (!mayGovern(caller.role, target.role)) throw new PermissionError('Moderators remove Members only.')
}

/** Whether the caller may change this member's role. @throws PermissionError, ValidationError */
export function checkRoleChange(
  room: RoomKind,
  caller: RoomMember,
  target: RoomMember | undefined,
): asserts target {
  requireGroup(room)
  requirePower(room, caller, 'can_update_roles', 'Only Admins give roles. Ask one of them.')
  if (!target) throw notAMember()
  if (target.user === caller.user) {
    throw new PermissionError('You cannot change your own role. Ask another Admin.')
  }
}

/** Whether the caller may mute this member, or end that. @throws PermissionError, ValidationError */
export function checkMuting(
  room: RoomKind,
  caller: RoomMember,
  target: RoomMember | undefined,
): asserts target {
  requireGroup(room)
  requirePower(room, caller, 'can_mute_members', LEADERS)
  if (!target) throw notAMember()
  if (target.user === caller.user) throw new PermissionError('You cannot mute yourself.')
  if (!mayGovern(caller.role, target.role)) throw new PermissionError('Moderators mute Members only.')
}

const notAMember = (): Error => new ValidationError('That user is not a member of this room.')

/** What comes of somebody's leaving. */
export interface Departure {
  /** Becomes Admin, and is unmuted, for there would be none. */
  successor: string | null
  /** Nobody is left. */
  empties: boolean
}

/**
 * Leaving is always allowed, only that a room does not stay behind without anybody who can govern it: an Admin who
 * is the last one able to names another. In a Direct Message there is nothing to govern.
 * @param members all of them, whoever leaves among them
 * @param successor whom the leaver names; not needed as long as an able Admin stays
 * @throws ValidationError where somebody must be named, or cannot be
 */
export function planDeparture(
  room: RoomKind,
  members: readonly LivingMember[],
  user: string,
  successor?: string,
): Departure {
  const staying = members.filter((member) => member.user !== user)
  if (staying.length === 0) return { successor: null, empties: true }
  if (!leavesNoAdmin(room, members, user)) return { successor: null, empties: false }
  if (successor === undefined) {
    throw new ValidationError(
      'You are the last Admin of this room. Name another Admin first, or with new_admin as you leave.',
    )
  }
  const named = staying.find((member) => member.user.toLowerCase() === successor.trim().toLowerCase())
  if (!named?.enabled) {
    throw new ValidationError('new_admin must be another member of the room who is not disabled.')
  }
  return { successor: named.user, empties: false }
}

/**
 * The same for somebody who goes for good and names nobody: of those who are not disabled a Moderator follows before a
 * Member, whoever may speak before whoever is muted, and then who has been there longest.
 * @param members all of them, in their order
 */
export function planDisappearance(room: RoomKind, members: readonly LivingMember[], user: string): Departure {
  const staying = members.filter((member) => member.user !== user)
  if (staying.length === 0) return { successor: null, empties: true }
  if (!leavesNoAdmin(room, members, user)) return { successor: null, empties: false }
  const rank = ({ role, is_muted }: LivingMember): number =>
    (is_muted ? 3 : 0) + ['Admin', 'Moderator', 'Member'].indexOf(role)
  const [heir] = staying.filter(({ enabled }) => enabled).toSorted((a, b) => rank(a) - rank(b))
  return { successor: heir?.user ?? null, empties: false }
}

/** In a Direct Message there is nothing to govern. */
function leavesNoAdmin(room: RoomKind, members: readonly LivingMember[], user: string): boolean {
  const leaver = members.find((member) => member.user === user)
  const staying = members.filter((member) => member !== leaver)
  return room.room_type !== 'Direct Message' && leaver?.role === 'Admin' && !staying.some(isAbleAdmin)
}
