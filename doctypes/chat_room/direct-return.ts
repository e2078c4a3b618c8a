import { ValidationError, type Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { lockMemberRoom, lockMembers, lockRoom, type LockedRoom } from './change.ts'
import { powersIn } from './powers.ts'
import { applySettings } from './room-settings.ts'
import { admit } from './roster.ts'
import { whoAre } from './users.ts'

/** Opens a Direct Message again that was left or archived: both are in it, as far as they can be, and may write. */
export async function reopenDirect(ctx: Context, name: string): Promise<void> {
  const room = await lockRoom(ctx, name)
  await bringBack(ctx, room)
}

/**
 * A message to somebody who has left the conversation brings them back; otherwise it would be said to nobody.
 * @returns whether the caller, who could not write, now can
 * @throws ValidationError where they cannot come back
 */
export async function bringBackForMessage(ctx: Context, name: string): Promise<boolean> {
  const [left] = await rowsOf<{ name: string }>(
    ctx
      .db('tabChat Room Member as m')
      .join('tabChat Room as r', 'r.name', 'm.parent')
      .where({ 'm.parent': name, 'm.user': ctx.user, 'r.member_left': 1 })
      .select('r.name'),
  )
  if (left?.name !== name) return false
  const { room, member } = await lockMemberRoom(ctx, name)
  if (!powersIn(room, member).can_send_messages) return false
  const [problem] = await bringBack(ctx, room)
  if (problem !== undefined) throw new ValidationError(problem)
  return true
}

/** @returns why somebody cannot come back, for each who cannot */
async function bringBack(ctx: Context, room: LockedRoom): Promise<string[]> {
  const members = await lockMembers(ctx, room)
  const here = new Set(members.map(({ user }) => user))
  const found = await whoAre(ctx, await usersOf(ctx, room))
  const back = found.flatMap((person) => ('problem' in person || here.has(person.name) ? [] : [person]))
  const hasAdmin = members.some(({ role }) => role === 'Admin')
  await admit(
    ctx,
    room,
    members,
    back.map((person, i) => ({ ...person, role: i === 0 && !hasAdmin ? 'Admin' : 'Member' })),
  )
  const member_left = members.length < 2 ? 1 : 0
  await ctx.db('tabChat Room').where({ name: room.name }).update({ member_left })
  if (room.room_status !== 'Active') await applySettings(ctx, room, { room_status: 'Active' }, [])
  return member_left === 0 ? [] : found.flatMap((person) => ('problem' in person ? [person.problem] : []))
}

/** Whose conversation it is, in lower case. */
async function usersOf(ctx: Context, { name }: LockedRoom): Promise<string[]> {
  const [row] = await rowsOf<{ direct_key: string | null }>(
    ctx.db('tabChat Room').where({ name }).forUpdate().select('direct_key'),
  )
  return row?.direct_key?.split('\n') ?? []
}
