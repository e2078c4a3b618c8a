import type { People } from './run.ts'
import type { Tally } from './tally.ts'
import { flagOf, textOf, timeOf, wordOf, type SourceRow } from './values.ts'

const ROLES = ['Admin', 'Moderator', 'Member'] as const
export type RoomRole = (typeof ROLES)[number]

/** A member of a room of the source, once. */
export interface MemberThere {
  user: string
  role: RoomRole
  is_muted: 0 | 1
  joined_date: string | null
  last_read: string | null
}

const DOCTYPE = 'Chat Room Member'

/** A room's members as they will be here: known users, each once; what is broken is listed. */
export function membersThere(rows: readonly SourceRow[], users: People, tally: Tally): MemberThere[] {
  const members = new Map<string, MemberThere>()
  for (const row of rows) {
    const name = textOf(row.name)
    const user = users.find(textOf(row.user))
    if (user === undefined || user === 'Guest') {
      tally.list(DOCTYPE, name, `its user "${textOf(row.user)}" does not exist`)
      continue
    }
    const role = row.role === null || row.role === undefined ? 'Member' : wordOf(row.role, ROLES)
    if (!role) tally.list(DOCTYPE, name, `its role "${textOf(row.role)}" does not exist; brought as Member`)
    const member: MemberThere = {
      user,
      role: role ?? 'Member',
      is_muted: flagOf(row.is_muted),
      joined_date: timeOf(row.joined_date) ?? timeOf(row.creation),
      last_read: timeOf(row.last_read_timestamp),
    }
    const first = members.get(user)
    if (first) tally.list(DOCTYPE, name, `${user} is a member twice; brought once, with the higher role`)
    members.set(user, first ? joined(first, member) : member)
  }
  return [...members.values()]
}

const later = (a: string | null, b: string | null): string | null => ((a ?? '') > (b ?? '') ? a : b)

function joined(a: MemberThere, b: MemberThere): MemberThere {
  return {
    user: a.user,
    role: ROLES.indexOf(a.role) <= ROLES.indexOf(b.role) ? a.role : b.role,
    is_muted: a.is_muted || b.is_muted ? 1 : 0,
    joined_date:
      a.joined_date && b.joined_date && b.joined_date < a.joined_date ? b.joined_date : a.joined_date,
    last_read: later(a.last_read, b.last_read),
  }
}
