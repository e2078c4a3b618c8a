import { ValidationError, type Context } from '@f-chat/desk'
import { requireChat } from '../chat_settings/require-chat.ts'
import { lockMemberRoom, lockMembers, type LockedMember, type LockedRoom } from './change.ts'
import {
  checkAdding,
  checkMuting,
  checkRemoving,
  checkRoleChange,
  fullRoom,
  planDeparture,
} from './membership-rules.ts'
import { depart, livingMembers } from './depart.ts'
import { admit, changeMember, dismiss } from './roster.ts'
import { whoAre, type Person } from './users.ts'

/** What became of the users who were to be added: each is in one of the lists. */
export interface Added {
  added: Person[]
  /** Members already. */
  already: string[]
  failed: { user_id: string; reason: string }[]
  memberCount: number
}

/**
 * Adds users to a room of the caller's. One who cannot be added does not stop the others.
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError where nobody can be added
 */
export async function addMembers(
  ctx: Context,
  roomId: string,
  ids: readonly string[],
  role: string,
): Promise<Added> {
  await requireChat(ctx)
  const { room, member } = await lockMemberRoom(ctx, roomId)
  checkAdding(room, member, role)
  const members = await lockMembers(ctx, room)
  const here = new Set(members.map(({ user }) => user))
  const answer: Added = { added: [], already: [], failed: [], memberCount: 0 }
  for (const [i, found] of (await whoAre(ctx, ids)).entries()) {
    const user_id = ids[i] ?? ''
    if ('problem' in found) answer.failed.push({ user_id, reason: found.problem })
    else if (here.has(found.name)) answer.already.push(found.name)
    else if (members.length + answer.added.length >= room.max_members)
      answer.failed.push({ user_id: found.name, reason: fullRoom(room.max_members) })
    else answer.added.push(found)
  }
  await admit(
    ctx,
    room,
    members,
    answer.added.map((person) => ({ ...person, role })),
  )
  answer.memberCount = members.length
  return answer
}

/** Adds one user. @throws as {@link addMembers}, and ValidationError that says why this user cannot be added */
export async function addMember(
  ctx: Context,
  room: string,
  id: string,
  role: string,
): Promise<{ person: Person; memberCount: number }> {
  const { added, failed, memberCount } = await addMembers(ctx, room, [id], role)
  for (const person of added) return { person, memberCount }
  for (const { reason } of failed) throw new ValidationError(reason)
  throw new ValidationError('That user is a member of this room already.')
}

/**
 * Takes a member out of a room, or lets the caller leave it. A room without members is archived: nobody could do
 * anything in it (docs/adr/0023).
 * @param newAdmin whom the last Admin names as they leave
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError
 */
export async function removeMember(
  ctx: Context,
  roomId: string,
  id: string,
  newAdmin: string | undefined,
): Promise<{ user: string; memberCount: number }> {
  const { room, member: caller } = await lockMemberRoom(ctx, roomId)
  const members = await lockMembers(ctx, room)
  const target = find(members, id)
  if (target?.user === caller.user) {
    const plan = planDeparture(room, await livingMembers(ctx, members), target.user, newAdmin)
    await depart(ctx, room, members, target, plan)
  } else {
    checkRemoving(room, caller, target)
    await dismiss(ctx, room, members, target)
  }
  return { user: target.user, memberCount: members.length }
}

/** Gives a member another role. @throws DoesNotExistError (outsiders too), PermissionError, ValidationError */
export async function updateRole(
  ctx: Context,
  roomId: string,
  id: string,
  role: string,
): Promise<LockedMember> {
  const { room, caller, target } = await lockTarget(ctx, roomId, id)
  checkRoleChange(room, caller, target)
  if (target.role !== role) await changeMember(ctx, room, target, 'role_changed', role)
  return target
}

/** Mutes a member, or ends that. @throws DoesNotExistError (outsiders too), PermissionError, ValidationError */
export async function muteMember(
  ctx: Context,
  roomId: string,
  id: string,
  muted: boolean,
): Promise<LockedMember> {
  const { room, caller, target } = await lockTarget(ctx, roomId, id)
  checkMuting(room, caller, target)
  if (target.is_muted !== Number(muted)) await changeMember(ctx, room, target, muted ? 'muted' : 'unmuted')
  return target
}

async function lockTarget(
  ctx: Context,
  roomId: string,
  id: string,
): Promise<{ room: LockedRoom; caller: LockedMember; target: LockedMember | undefined }> {
  await requireChat(ctx)
  const { room, member: caller } = await lockMemberRoom(ctx, roomId)
  return { room, caller, target: find(await lockMembers(ctx, room), id) }
}

function find(members: readonly LockedMember[], id: string): LockedMember | undefined {
  const wanted = id.trim().toLowerCase()
  return members.find(({ user }) => user.toLowerCase() === wanted)
}
