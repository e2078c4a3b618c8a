import { defineJob, Type, type JobRun } from '@f-chat/desk'
import { followTeam, roomsOfTeams } from '../doctypes/chat_room/team-rooms.ts'

/** A team has changed: its Team Chats follow, each in a transaction of its own. */
export const followTeamRooms = defineJob({
  name: 'f_chat.jobs.follow_team_rooms',
  input: Type.Object({ team: Type.String() }),
  handler: ({ team }, run) => follow(run, team),
})

/** Once a day, for changes that no event tells of: an Employee's user, a hook that asks another system. */
export const followAllTeamRooms = defineJob({
  name: 'f_chat.jobs.follow_all_team_rooms',
  timeout: 3600,
  handler: (_args, run) => follow(run, undefined),
})

async function follow(run: JobRun, team: string | undefined): Promise<void> {
  for (const room of await run.read((ctx) => roomsOfTeams(ctx, team))) {
    run.signal.throwIfAborted()
    await run.write((ctx) => followTeam(ctx, room))
  }
}
