import { hashName, type Context } from '@f-chat/desk'
import { publishToRoom, publishToUser, roomChannel } from '../../realtime/events.ts'
import { leaveCallsOf } from '../chat_call_session/leave-all.ts'
import { nextChange, type LockedMember, type LockedRoom } from './change.ts'
import { personShown } from './names.ts'
import { readUsers, writeUsers } from './team-rules.ts'
import type { Person } from './users.ts'

/** Someone who comes into a room. */
export interface Admission extends Person {
  role: string
  via_team?: 0 | 1
}

const ROWS_PER_STATEMENT = 200

/**
 * Takes people into a locked room, each with a change of their own, and tells them and the room. Nothing that was
 * said before is unread to them. The rules have been asked.
 * @param members the room's, locked; those who come are added to them
 */
export async function admit(
  ctx: Context,
  room: LockedRoom,
  members: LockedMember[],
  people: readonly Admission[],
): Promise<void> {
  if (people.length === 0) return
  const now = ctx.now()
  const from = Math.max(0, ...members.map(({ idx }) => idx)) + 1
  const rows = people.map(({ name, role, via_team = 0 }, i) => ({
    ...{ name: hashName(), owner: ctx.user, modified_by: ctx.user, creation: now, modified: now },
    ...{ parent: room.name, parenttype: 'Chat Room', parentfield: 'members', idx: from + i },
    ...{ user: name, role, is_admin: role === 'Admin' ? 1 : 0, is_muted: 0, via_team },
    ...{ joined_date: now, last_read_timestamp: now, last_read_seq: room.last_seq, own_since_read: 0 },
    notify: 'All',
  }))
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    await ctx.db('tabChat Room Member').insert(rows.slice(start, start + ROWS_PER_STATEMENT))
  }
  members.push(...rows)
  const users = people.map(({ name }) => name)
  await keepAway(ctx, room, (left) => left.filter((user) => !users.includes(user)))
  const first = room.change_seq + 1
  await nextChange(ctx, room, 'members', { at: now, count: people.length })
  ctx.joinRoom(users, roomChannel(room.name))
  for (const [i, { name, full_name, role }] of people.entries()) {
    const change_seq = first + i
    publishToUser(ctx, name, 'chat_room_joined', {
      room_id: room.name,
      room_name: await nameFor(ctx, room, members, name),
      room_type: room.room_type,
      role,
      change_seq,
    })
    publishToRoom(ctx, room.name, 'chat_member_changed', {
      ...{ room_id: room.name, user: name, user_name: full_name, action: 'added', role, change_seq },
      ...{ is_muted: 0, last_read_seq: room.last_seq },
    })
  }
}

/**
 * Takes a member out of a locked room: from the commit on their sockets hear nothing of it. The rules have been asked.
 * @param members the room's, locked; the one who goes is taken out of them
 * @param teamBringsBack whether the room's team may bring them back: they have left the team, not the room
 */
export async function dismiss(
  ctx: Context,
  room: LockedRoom,
  members: LockedMember[],
  member: LockedMember,
  { teamBringsBack = false } = {},
): Promise<void> {
  const { user, role } = member
  const room_name = await nameFor(ctx, room, members, user)
  const { name: user_name } = await personShown(ctx, user)
  await ctx.db('tabChat Room Member').where({ name: member.name }).delete()
  await ctx
    .db('tabChat Room Member')
    .where({ parent: room.name })
    .where('idx', '>', member.idx)
    .decrement('idx', 1)
  members.splice(members.indexOf(member), 1)
  for (const other of members) if (other.idx > member.idx) other.idx -= 1
  if (room.team_master && !teamBringsBack) await keepAway(ctx, room, (left) => [...left, user])
  await leaveCallsOf(ctx, room, user)
  const change_seq = await nextChange(ctx, room, 'members')
  ctx.leaveRoom([user], roomChannel(room.name))
  const { name: room_id, room_type } = room
  publishToUser(ctx, user, 'chat_room_left', { room_id, room_name, room_type, role })
  publishToRoom(ctx, room_id, 'chat_member_changed', {
    ...{ room_id, user, user_name, action: 'removed', role, is_muted: member.is_muted, change_seq },
  })
}

/** Changes a member's role or mute, and tells the room. */
export async function changeMember(
  ctx: Context,
  room: LockedRoom,
  member: LockedMember,
  action: 'role_changed' | 'muted' | 'unmuted',
  role = member.role,
): Promise<void> {
  member.role = role
  if (action !== 'role_changed') member.is_muted = action === 'muted' ? 1 : 0
  const { user, is_muted } = member
  await ctx
    .db('tabChat Room Member')
    .where({ name: member.name })
    .update({ role, is_admin: role === 'Admin' ? 1 : 0, is_muted, modified: ctx.now() })
  const { name: user_name } = await personShown(ctx, user)
  const change_seq = await nextChange(ctx, room, 'members')
  publishToRoom(ctx, room.name, 'chat_member_changed', {
    ...{ room_id: room.name, user, user_name, action, role, is_muted, change_seq },
  })
}

/** Changes whom the room's team does not bring back. */
export async function keepAway(
  ctx: Context,
  room: LockedRoom,
  change: (left: readonly string[]) => readonly string[],
): Promise<void> {
  const team_left = writeUsers(change(readUsers(room.team_left)))
  if (team_left === room.team_left) return
  await ctx.db('tabChat Room').where({ name: room.name }).update({ team_left })
  room.team_left = team_left
}

/** What this user calls the room: a Direct Message by the other's name. */
async function nameFor(
  ctx: Context,
  room: LockedRoom,
  members: readonly LockedMember[],
  user: string,
): Promise<string> {
  const other =
    room.room_type === 'Direct Message' ? members.find((member) => member.user !== user) : undefined
  return other ? (await personShown(ctx, other.user)).name : room.room_name
}
