import type { Context } from '@f-chat/desk'
import { rowsOf, type Query } from '../query.ts'
import type {} from './team-hook.ts'

const TEAM = 'Team Master'
const LEADS = /^(team_)?(lead|leader|head|manager)$/

/** What is asked of a DocType: its fields. */
export type FindMeta = Context['site']['registry']['findMeta']

/** Columns in which a site's own DocTypes say who is in a team. */
export interface TeamSource {
  table: string
  /** The column that holds the team. */
  team: string
  /** The column that holds a user, or an Employee who has a user. */
  person: string
  isEmployee: boolean
  /** Child rows belong to this DocType. */
  parenttype?: string
}

/**
 * Where the site's Team Master and Employee, if it has them, say who is in a team: in the team's lead, in the first
 * user and the first employee of its child rows, and in a link of the Employee to the team.
 */
export function teamSources(findMeta: FindMeta): TeamSource[] {
  const teams = findMeta(TEAM)
  if (!teams || teams.isSingle || teams.isVirtual) return []
  const employees = findMeta('Employee')
  const hasEmployees = employees?.field('user_id') !== undefined
  const people = (
    fields: readonly { fieldname: string; fieldtype: string; options?: string | undefined }[],
  ) => {
    const links = fields.filter(({ fieldtype }) => fieldtype === 'Link')
    const user = links.find(({ options }) => options === 'User')
    const employee = hasEmployees ? links.find(({ options }) => options === 'Employee') : undefined
    return [
      ...(user ? [{ person: user.fieldname, isEmployee: false }] : []),
      ...(employee ? [{ person: employee.fieldname, isEmployee: true }] : []),
    ]
  }
  const leads = people(teams.valueFields.filter(({ fieldname }) => LEADS.test(fieldname)))
  const rows = teams.tableFields.flatMap(({ options }) => {
    const child = findMeta(options ?? '')
    return child
      ? people(child.valueFields).map((column) => ({ table: child.table, parenttype: TEAM, ...column }))
      : []
  })
  const link = hasEmployees
    ? employees.valueFields.find(({ fieldtype, options }) => fieldtype === 'Link' && options === TEAM)
    : undefined
  return [
    ...leads.map((column) => ({ table: teams.table, team: 'name', ...column })),
    ...rows.map((source) => ({ team: 'parent', ...source })),
    ...(employees && link
      ? [{ table: employees.table, team: link.fieldname, person: 'user_id', isEmployee: false }]
      : []),
  ]
}

/**
 * The users of these teams, by team; teams that nobody knows are left out. Apps' hooks are asked for each team, the
 * site's own DocTypes for all of them in two statements.
 * @param only to look for one user
 */
export async function teamUsers(
  ctx: Context,
  teams: readonly string[],
  only?: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  const hooks = ctx.site.registry.hooks((app) => app.chat_team_members)
  const others: string[] = []
  for (const team of new Set(teams)) {
    let users: readonly string[] | undefined
    for (const hook of hooks) users ??= await hook(team, ctx)
    if (users) found.set(team, users)
    else others.push(team)
  }
  for (const [team, users] of await usersOfDocuments(ctx, others, only)) found.set(team, users)
  return found
}

async function usersOfDocuments(
  ctx: Context,
  teams: readonly string[],
  only: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const sources = teamSources((doctype) => ctx.site.registry.findMeta(doctype))
  const [first, ...rest] = sources.map((source) => usersIn(ctx, source, teams, only))
  if (!first || teams.length === 0) return new Map()
  const names = await ctx.db(`tab${TEAM}`).whereIn('name', teams).pluck<string[]>('name')
  const rows = await rowsOf<{ team: string; user: string }>(first.union(rest))
  // MariaDB's collation takes `logistics` for `Logistics`: only a team's own name is the team.
  return new Map(
    names
      .filter((name) => teams.includes(name))
      .map((name) => [name, rows.flatMap(({ team, user }) => (team === name ? [user] : [])).sort()]),
  )
}

function usersIn(
  ctx: Context,
  source: TeamSource,
  teams: readonly string[],
  only: string | undefined,
): Query {
  const { table, team, person, isEmployee, parenttype } = source
  const user = isEmployee ? 'e.user_id' : `t.${person}`
  return ctx
    .db(`${table} as t`)
    .modify((select) => {
      if (isEmployee) void select.join('tabEmployee as e', 'e.name', `t.${person}`)
      if (parenttype) void select.where('t.parenttype', parenttype)
      if (only !== undefined) void select.where(user, only)
    })
    .whereIn(`t.${team}`, teams)
    .whereNotNull(user)
    .whereNot(user, '')
    .select(`t.${team} as team`, `${user} as user`)
}
