import type { MemberThere } from './members.ts'
import type { RoomSettings } from './room-values.ts'

/** What the source said of a room when it was last read: a later run brings what has changed there since. */
export interface RoomState {
  settings: RoomSettings
  /** By user. */
  members: Record<string, Pick<MemberThere, 'role' | 'is_muted'>>
  /** How far each had read, as far as that has been brought. */
  read: Record<string, string>
  /** It went into a room that was here before, which keeps its settings and members. */
  isMerged: boolean
}

/** What a run has to change here. */
export interface RoomChanges {
  settings: Partial<RoomSettings>
  added: MemberThere[]
  changed: MemberThere[]
  removed: string[]
}

export function parseState(text: string): RoomState {
  const known = JSON.parse(text || '{}') as Partial<RoomState>
  return {
    settings: known.settings ?? ({} as RoomSettings),
    members: known.members ?? {},
    read: known.read ?? {},
    isMerged: known.isMerged ?? false,
  }
}

export function stateOf(
  settings: RoomSettings,
  members: readonly MemberThere[],
  { read, isMerged }: Pick<RoomState, 'read' | 'isMerged'>,
): RoomState {
  return {
    settings,
    members: Object.fromEntries(members.map(({ user, role, is_muted }) => [user, { role, is_muted }])),
    read,
    isMerged,
  }
}

/** What has changed in the source since: what was changed here meanwhile, and not there, stays. */
export function changesSince(
  known: RoomState,
  settings: RoomSettings,
  members: readonly MemberThere[],
): RoomChanges {
  const before = known.settings as unknown as Readonly<Record<string, unknown>>
  const changedSettings = Object.entries(settings).filter(([field, value]) => before[field] !== value)
  const there = new Set(members.map(({ user }) => user))
  return {
    settings: Object.fromEntries(changedSettings),
    added: members.filter(({ user }) => !Object.hasOwn(known.members, user)),
    changed: members.filter(({ user, role, is_muted }) => {
      const was = known.members[user]
      return was !== undefined && (was.role !== role || was.is_muted !== is_muted)
    }),
    removed: Object.keys(known.members).filter((user) => !there.has(user)),
  }
}
