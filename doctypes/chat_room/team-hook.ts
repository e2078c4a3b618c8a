import type { Context } from '@f-chat/desk'

/**
 * Who is in a team, by user id, asked of every app that says so in its hooks. An app that does not know the team
 * answers undefined, and the next is asked; after all of them the site's own Team Master (docs/adr/0022).
 */
export type ChatTeamMembers = (team: string, ctx: Context) => Promise<readonly string[] | undefined>

declare module '@f-chat/desk' {
  interface AppDefinition {
    chat_team_members?: ChatTeamMembers
  }
}
