// Generated from team_master.json by the build: edit that file instead.

import type { TeamMemberFields } from '../team_member/team_member.types.ts'

/** The fields of Team Master. */
export interface TeamMasterFields {
  team_name: string | null
  team_lead: string | null
  purpose: string | null
  members: TeamMemberFields[]
}
