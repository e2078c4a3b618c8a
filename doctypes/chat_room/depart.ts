import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { lockMembers, lockRoom, type LockedMember, type LockedRoom } from './change.ts'
import { planDisappearance, type Departure, type LivingMember } from './membership-rules.ts'
import { changeMember, dismiss } from './roster.ts'
import { usersById } from './users.ts'

/** A room's members, and whether each can do anything at all. */
export async function livingMembers(
  ctx: Context,
  members: readonly LockedMember[],
): Promise<(LockedMember & LivingMember)[]> {
  const users = await usersById(
    ctx,
    members.map(({ user }) => user),
  )
  return members.map((member) => ({
    ...member,
    enabled: users.get(member.user.toLowerCase())?.enabled === 1,
  }))
}

/** Takes a member out of a locked room of their own will, or for good, and leaves nothing broken behind. */
export async function depart(
  ctx: Context,
  room: LockedRoom,
  members: LockedMember[],
  leaver: LockedMember,
  { successor, empties }: Departure,
  { teamBringsBack = false } = {},
): Promise<void> {
  const heir = members.find(({ user }) => user === successor)
  if (heir?.is_muted) await changeMember(ctx, room, heir, 'unmuted')
  if (heir && heir.role !== 'Admin') await changeMember(ctx, room, heir, 'role_changed', 'Admin')
  await dismiss(ctx, room, members, leaver, { teamBringsBack })
  if (!empties && room.room_type !== 'Direct Message') return
  await ctx
    .db('tabChat Room')
    .where({ name: room.name })
    .update({
      modified: ctx.now(),
      ...(empties && room.room_status === 'Active' && { room_status: 'Archived' }),
      ...(room.room_type === 'Direct Message' && { member_left: 1 }),
    })
}

/** The rooms that a user is in, deleted ones too, in the order in which several may be held. */
export async function roomsOf(ctx: Context, user: string): Promise<string[]> {
  return await ctx
    .db('tabChat Room Member')
    .where({ user, parenttype: 'Chat Room' })
    .orderBy('parent')
    .pluck<string[]>('parent')
}

/** A user who will be no more leaves a room; in a room that they left meanwhile nothing happens. */
export async function disappearFrom(ctx: Context, name: string, user: string): Promise<void> {
  const room = await lockRoom(ctx, name, { deleted: true })
  const members = await lockMembers(ctx, room)
  const leaver = members.find((member) => member.user === user)
  if (!leaver) return
  const plan = planDisappearance(room, await livingMembers(ctx, members), user)
  // Nothing of them stays, not even that their team is not to bring them back: it brings nobody who is disabled.
  await depart(ctx, room, members, leaver, plan, { teamBringsBack: true })
}

/** The Direct Messages of a user, whether they are still in them or not. */
export async function directRoomsOf(
  ctx: Context,
  user: string,
): Promise<{ name: string; direct_key: string }[]> {
  const id = user.toLowerCase()
  const rows = await rowsOf<{ name: string; direct_key: string }>(
    ctx
      .db('tabChat Room')
      .where('direct_key', 'like', `${id}\n%`)
      .orWhere('direct_key', 'like', `%\n${id}`)
      .orderBy('name')
      .select('name', 'direct_key'),
  )
  return rows.filter(({ direct_key }) => direct_key.split('\n').includes(id))
}
