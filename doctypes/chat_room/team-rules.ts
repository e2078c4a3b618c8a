import { isAbleAdmin, type LivingMember } from './membership-rules.ts'

/** A member of a Team Chat. */
export interface TeamRoomMember extends LivingMember {
  /** 1: came with the team. */
  via_team: number
}

/** Someone of the team. */
export interface TeamUser {
  user: string
  enabled: boolean
}

/** What makes the room follow its team. */
export interface TeamPlan {
  add: string[]
  remove: string[]
  /** Of those who left the room, the ones who are still in the team. */
  left: string[]
}

/**
 * How a room follows its team. Those who came with the team go with it; members added by hand stay; whoever has left
 * the room, or was taken out, is not brought back. Who stays keeps role, mute and read mark. The last Admin who can
 * govern the room stays, too.
 * @param left users who are no longer in the room though the team had brought them
 * @param most members that the room holds
 */
export function planTeam(
  members: readonly TeamRoomMember[],
  team: readonly TeamUser[],
  left: readonly string[],
  most: number,
): TeamPlan {
  const inTeam = new Set(team.map(({ user }) => user))
  const going = members.filter(({ user, via_team }) => via_team && !inTeam.has(user))
  const staying = members.filter((member) => !going.includes(member))
  const keeper = staying.some(isAbleAdmin) ? undefined : going.find(isAbleAdmin)
  const remove = going.filter((member) => member !== keeper).map(({ user }) => user)
  const here = new Set(members.map(({ user }) => user))
  const stillAway = left.filter((user) => inTeam.has(user) && !here.has(user))
  const away = new Set(stillAway)
  const seats = Math.max(0, most - (members.length - remove.length))
  const add = team
    .filter(({ user, enabled }) => enabled && !here.has(user) && !away.has(user))
    .map(({ user }) => user)
    .slice(0, seats)
  return { add, remove, left: stillAway }
}

/** A list of users as a room's row keeps it: user ids hold no line breaks. */
export const readUsers = (text: string | null): string[] => (text ? text.split('\n') : [])

export const writeUsers = (users: readonly string[]): string | null =>
  users.length > 0 ? [...new Set(users)].join('\n') : null
