// Generated from team_member.json by the build: edit that file instead.

/** The fields of Team Member. */
export interface TeamMemberFields {
  employee: string | null
  user: string | null
}
