import type { Context, Document } from '@f-chat/desk'
import { RESET_AFTER } from '../../realtime/catch-up.ts'
import { publishToRoom } from '../../realtime/events.ts'
import { presenceOf } from '../../realtime/presence.ts'
import { leaveCallsOf } from '../chat_call_session/leave-all.ts'
import { renameInCalls } from '../chat_call_session/rename-user.ts'
import { lockMembers, lockRoom, nextChange, type LockedMember, type LockedRoom } from '../chat_room/change.ts'
import { directRoomsOf, roomsOf } from '../chat_room/depart.ts'
import { directKey } from '../chat_room/direct.ts'
import { userNames } from '../chat_room/names.ts'
import { changeMember, dismiss } from '../chat_room/roster.ts'
import { readUsers, writeUsers } from '../chat_room/team-rules.ts'
import { containing, rowsOf } from '../query.ts'

/**
 * A User gets another name: for `before_rename`. The rooms that know them are held, in the order in which all hold
 * several; they leave their calls, as their logins end; and the rooms' clients start over, for any message may be theirs.
 */
export async function prepareRename(user: Document, ctx: Context): Promise<void> {
  const { renaming } = user
  if (!renaming) return
  const from = renaming.from
  const to = renaming.to.trim().toLowerCase()
  if (to === from) return
  for (const name of await roomsThatKnow(ctx, from)) {
    const room = await lockRoom(ctx, name, { deleted: true })
    const members = await lockMembers(ctx, room)
    const member = members.find((one) => one.user === from)
    if (member) await leaveCallsOf(ctx, room, from)
    const other = renaming.merge ? members.find((one) => one.user === to) : undefined
    if (member && other) await mergeMembers(ctx, room, members, member, other)
    await startOver(ctx, room)
  }
  if (renaming.merge) await ctx.db('tabChat User Activity').where({ name: from }).delete()
}

/** Where they are a member, wrote, or talked to somebody. */
async function roomsThatKnow(ctx: Context, user: string): Promise<string[]> {
  const wrote = await ctx
    .db('tabChat Message')
    .where({ sender: user })
    .distinct()
    .pluck<string[]>('chat_room')
  const direct = (await directRoomsOf(ctx, user)).map(({ name }) => name)
  return [...new Set([...(await roomsOf(ctx, user)), ...wrote, ...direct])].sort()
}

/** Clients that know the room up to any change are too far behind: by the next sync they read it anew. */
async function startOver(ctx: Context, room: LockedRoom): Promise<void> {
  const change_seq = await nextChange(ctx, room, 'members', { count: RESET_AFTER + 1 })
  publishToRoom(ctx, room.name, 'chat_room_updated', {
    room_id: room.name,
    room_name: room.room_name,
    action: 'messages_changed',
    changes: [],
    new_values: {},
    change_seq,
  })
}

/** Where both are members the one who stays has the rights of both. */
async function mergeMembers(
  ctx: Context,
  room: LockedRoom,
  members: LockedMember[],
  member: LockedMember,
  other: LockedMember,
): Promise<void> {
  const rank = ['Member', 'Moderator', 'Admin']
  if (rank.indexOf(member.role) > rank.indexOf(other.role))
    await changeMember(ctx, room, other, 'role_changed', member.role)
  await dismiss(ctx, room, members, member, { teamBringsBack: true })
  // The two who talked here are one: nobody can open this conversation again.
  if (room.room_type === 'Direct Message')
    await ctx.db('tabChat Room').where({ name: room.name }).update({ member_left: 1, direct_key: null })
}

/** The same for `after_rename`: links have followed; what holds the user's name otherwise does so here. */
export async function followRename({ renaming }: Document, ctx: Context): Promise<void> {
  if (!renaming) return
  const { from, to } = renaming
  for (const { name, direct_key } of await directRoomsOf(ctx, from))
    await moveDirectKey(ctx, name, direct_key, from, to)
  await moveTeamLeft(ctx, from, to)
  await renameInCalls(ctx, from, to)
  await ctx.db('tabChat User Activity').where({ name: from }).update({ name: to })
  ctx.afterCommit(async () => {
    userNames.forget(ctx.site, from)
    userNames.forget(ctx.site, to)
    await presenceOf(ctx.site).forget(from)
  })
}

async function moveDirectKey(
  ctx: Context,
  name: string,
  key: string,
  from: string,
  to: string,
): Promise<void> {
  const users = key.split('\n').map((user) => (user === from.toLowerCase() ? to : user))
  const direct_key = directKey(users)
  const [taken] = await ctx
    .db('tabChat Room')
    .where({ direct_key })
    .whereNot({ name })
    .pluck<string[]>('name')
  // Merged into a user who talks to the same person already: the other conversation is the one that is opened.
  await ctx
    .db('tabChat Room')
    .where({ name })
    .update({ direct_key: taken === undefined ? direct_key : null })
}

async function moveTeamLeft(ctx: Context, from: string, to: string): Promise<void> {
  const rooms = await rowsOf<{ name: string; team_left: string | null }>(
    ctx
      .db('tabChat Room')
      .whereRaw("team_left like ? escape '!'", [containing(from)])
      .select('name', 'team_left'),
  )
  for (const { name, team_left } of rooms) {
    const users = readUsers(team_left).map((user) => (user === from ? to : user))
    await ctx
      .db('tabChat Room')
      .where({ name })
      .update({ team_left: writeUsers(users) })
  }
}
