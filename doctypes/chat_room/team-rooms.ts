import { DoesNotExistError, LinkValidationError, ValidationError, type Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { lockMembers, lockRoom } from './change.ts'
import { roomNotFound } from './membership.ts'
import { fullRoom } from './membership-rules.ts'
import { admit, dismiss, keepAway } from './roster.ts'
import { planTeam, readUsers, type TeamUser } from './team-rules.ts'
import { teamUsers } from './team-source.ts'
import { findPeople, usersById, whoAre, type Person } from './users.ts'

/** A Team Chat that the caller is in, or may join. */
export interface TeamRoom {
  name: string
  room_name: string
  description: string | null
  team_master: string | null
  is_private: number
  member_count: number
  is_member: boolean
}

/** The Team Chats of the caller's teams, private or not, and those that the caller is in anyway. */
export async function listTeamRooms(ctx: Context): Promise<TeamRoom[]> {
  const { db, user } = ctx
  const rows = await rowsOf<Omit<TeamRoom, 'is_member'> & { mine: number }>(
    db('tabChat Room as r')
      .where({ 'r.room_type': 'Team Chat', 'r.room_status': 'Active' })
      .orderBy([{ column: 'r.room_name' }, { column: 'r.name' }])
      .select('r.name', 'r.room_name', 'r.description', 'r.team_master', 'r.is_private')
      .select({
        member_count: db('tabChat Room Member as c').whereRaw('c.parent = r.name').count('*'),
        mine: db('tabChat Room Member as m')
          .whereRaw('m.parent = r.name')
          .where({ 'm.user': user })
          .count('*'),
      }),
  )
  const teams = await teamUsers(
    ctx,
    rows.flatMap(({ team_master }) => team_master ?? []),
    user,
  )
  return rows
    .filter(({ team_master, mine }) => mine > 0 || isIn(teams.get(team_master ?? ''), user))
    .map(({ mine, ...room }) => ({ ...room, is_member: mine > 0 }))
}

const isIn = (users: readonly string[] | undefined, user: string): boolean =>
  users?.some((id) => id.toLowerCase() === user.toLowerCase()) ?? false

/**
 * Brings the caller into a Team Chat of a team of theirs; who is in the room already stays as they are.
 * @throws DoesNotExistError where the caller is neither in the room nor in its team; ValidationError where it is full
 */
export async function joinTeamRoom(
  ctx: Context,
  roomId: string,
): Promise<{ room_name: string; role: string; memberCount: number }> {
  await requireChat(ctx)
  const room = await lockRoom(ctx, roomId)
  const members = await lockMembers(ctx, room)
  const mine = members.find(({ user }) => user === ctx.user)
  const answer = { room_name: room.room_name, role: mine?.role ?? 'Member' }
  if (mine) return { ...answer, memberCount: members.length }
  const { team_master } = room
  const team = team_master ? (await teamUsers(ctx, [team_master], ctx.user)).get(team_master) : undefined
  const isOpen = room.room_type === 'Team Chat' && room.room_status === 'Active'
  if (!isOpen || !isIn(team, ctx.user)) throw roomNotFound(roomId)
  if (members.length >= room.max_members) throw new ValidationError(fullRoom(room.max_members))
  const people = await findPeople(ctx, [ctx.user])
  await admit(
    ctx,
    room,
    members,
    people.map((person) => ({ ...person, role: 'Member', via_team: 1 })),
  )
  return { ...answer, memberCount: members.length }
}

/**
 * The users of a team who can come into its new room.
 * @throws LinkValidationError for a team that is not there, and for one that the caller neither is in nor may read
 */
export async function teamFor(ctx: Context, team: string): Promise<Person[]> {
  const users = (await teamUsers(ctx, [team])).get(team)
  if (!users || !(isIn(users, ctx.user) || (await mayReadTeam(ctx, team)))) {
    throw new LinkValidationError(`Could not find Team Master: ${team.slice(0, 140)}.`)
  }
  return (await whoAre(ctx, users)).flatMap((found) => ('problem' in found ? [] : [found]))
}

async function mayReadTeam(ctx: Context, team: string): Promise<boolean> {
  if (!ctx.site.registry.findMeta('Team Master')) return false
  if (!(await ctx.exists('Team Master', team))) return false
  return await ctx.hasPermission('Team Master', 'read', await ctx.getDoc('Team Master', team))
}

/** Users as the site spells them, once each; ids that are nobody's are left out. */
async function resolve(ctx: Context, ids: readonly string[]): Promise<TeamUser[]> {
  const users = await usersById(ctx, ids)
  return [...users.values()]
    .filter(({ name }) => name !== 'Guest')
    .map(({ name, enabled }) => ({ user: name, enabled: enabled === 1 }))
}

/** The Active Team Chats of a team, or of all teams. */
export async function roomsOfTeams(ctx: Context, team: string | undefined): Promise<string[]> {
  return await ctx
    .db('tabChat Room')
    .where({ room_type: 'Team Chat', room_status: 'Active' })
    .whereNotNull('team_master')
    .modify((select) => {
      if (team !== undefined) void select.where({ team_master: team })
    })
    .orderBy('name')
    .pluck<string[]>('name')
}

/** Makes a Team Chat follow its team, in a transaction of its own; a team that nobody knows changes nothing. */
export async function followTeam(ctx: Context, roomId: string): Promise<void> {
  const room = await lockRoom(ctx, roomId).catch((error: unknown) => {
    if (error instanceof DoesNotExistError) return undefined
    throw error
  })
  if (!room) return
  const { team_master } = room
  if (room.room_type !== 'Team Chat' || room.room_status !== 'Active' || !team_master) return
  const ids = (await teamUsers(ctx, [team_master])).get(team_master)
  if (!ids) return
  const members = await lockMembers(ctx, room)
  const team = await resolve(ctx, ids)
  const here = await resolve(
    ctx,
    members.map(({ user }) => user),
  )
  const enabled = new Set(here.filter((member) => member.enabled).map(({ user }) => user))
  const plan = planTeam(
    members.map((member) => ({ ...member, enabled: enabled.has(member.user) })),
    team,
    readUsers(room.team_left),
    room.max_members,
  )
  for (const user of plan.remove) {
    const member = members.find((one) => one.user === user)
    if (member) await dismiss(ctx, room, members, member, { teamBringsBack: true })
  }
  await keepAway(ctx, room, () => plan.left)
  const people = await findPeople(ctx, plan.add)
  await admit(
    ctx,
    room,
    members,
    people.map((person) => ({ ...person, role: 'Member', via_team: 1 })),
  )
}
