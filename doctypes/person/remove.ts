import { LinkExistsError, type Context, type Document } from '@f-chat/desk'
import { disappearFrom, roomsOf } from '../chat_room/depart.ts'
import { eraseUploads } from '../chat_upload/erase.ts'

/** Where the chat's history names a user. */
const HISTORY = [
  ['tabChat Message', 'sender'],
  ['tabChat Message Reaction', 'user'],
  ['tabChat Message Mention', 'user'],
  ['tabChat Call Session', 'initiated_by'],
  ['tabChat Call Participant', 'user'],
  ['tabChat Room', 'created_by'],
] as const

/**
 * A User is deleted, for `on_trash`: one who has never said anything leaves every room and takes along what is only
 * theirs. @throws LinkExistsError for others, which says what to do instead
 */
export async function leaveChat({ name: user }: Document, ctx: Context): Promise<void> {
  for (const [table, column] of HISTORY) {
    if (!(await ctx.db(table).where(column, user).first('name'))) continue
    throw new LinkExistsError(
      `${user} is part of what was said in the chat and cannot be deleted. Disable the user; or erase the person, with bench erase-user-data: then a name that says nothing stands for them.`,
    )
  }
  for (const room of await roomsOf(ctx, user)) await disappearFrom(ctx, room, user)
  while (await eraseUploads(ctx, user)) continue
  await ctx.db('tabChat User Activity').where({ name: user }).delete()
}
