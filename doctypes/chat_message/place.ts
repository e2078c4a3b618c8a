import { ValidationError, type Context } from '@f-chat/desk'
import { rowsOf, type RawSql } from '../query.ts'
import { bringBackForMessage } from '../chat_room/direct-return.ts'
import { memberRoom } from '../chat_room/membership.ts'
import { requirePower } from '../chat_room/require.ts'

const POSTS_ANNOUNCEMENTS = ['Admin', 'Moderator']

/** The numbers of a new message, read by its own INSERT from the room's row, which the transaction holds. */
export interface Place {
  seq: RawSql
  change_seq: RawSql
}

/**
 * Takes the room's next numbers for a message of the caller's. The statement that counts is also the one that
 * asks whether the caller may write: a member, not muted, in an Active room, and in an Announcement room one who
 * may post there. Whoever has left a Direct Message comes back with it. The room's row is locked from here to the
 * commit, so this comes as late as possible.
 *
 * @param at the message's timestamp
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError
 */
export async function takePlace(ctx: Context, room: string, at: string): Promise<Place> {
  const count = ctx.kind === 'mariadb' ? countTogether : countApart
  let counted = await count(ctx, room, at)
  if (!counted && (await bringBackForMessage(ctx, room))) counted = await count(ctx, room, at)
  if (!counted) await refuse(ctx, room)
  const { db } = ctx
  return {
    seq: db.raw('(select last_seq from `tabChat Room` where name = ?)', [room]),
    change_seq: db.raw('(select change_seq from `tabChat Room` where name = ?)', [room]),
  }
}

/** Written out: building it anew for each message would cost a sender more than anything else here. */
const COUNT_TOGETHER = `
  update \`tabChat Room\` r join \`tabChat Room Member\` m on m.parent = r.name
  set r.last_seq = r.last_seq + 1, r.change_seq = r.change_seq + 1, r.last_message_at = ?, r.last_change = ?,
    m.own_since_read = m.own_since_read + 1
  where r.name = ? and r.room_status = 'Active' and m.user = ? and m.is_muted = 0 and r.member_left = 0
    and (r.room_type <> 'Announcement' or m.role in ('Admin', 'Moderator'))`

async function countTogether(ctx: Context, room: string, at: string): Promise<boolean> {
  const [outcome] = await rowsOf<{ affectedRows: number }>(
    ctx.db.raw(COUNT_TOGETHER, [at, at, room, ctx.user]),
  )
  return outcome !== undefined && outcome.affectedRows > 0
}

/** SQLite has no UPDATE over two tables. */
async function countApart(ctx: Context, room: string, at: string): Promise<boolean> {
  const { db, user } = ctx
  const changed = await db('tabChat Room')
    .where({ name: room, room_status: 'Active', member_left: 0 })
    .whereExists(
      db('tabChat Room Member as m')
        .whereRaw('m.parent = `tabChat Room`.name')
        .where({ 'm.user': user, 'm.is_muted': 0 })
        .where((either) => {
          void either
            .whereNot('tabChat Room.room_type', 'Announcement')
            .orWhereIn('m.role', POSTS_ANNOUNCEMENTS)
        })
        .select('m.name'),
    )
    .update({
      last_seq: db.raw('last_seq + 1'),
      change_seq: db.raw('change_seq + 1'),
      last_message_at: at,
      last_change: at,
    })
  if (changed === 0) return false
  await db('tabChat Room Member').where({ parent: room, user }).increment('own_since_read', 1)
  return true
}

/** @throws why the caller may not write here; the error of a room that let them in meanwhile asks for another try */
async function refuse(ctx: Context, room: string): Promise<never> {
  const found = await memberRoom(ctx, room)
  requirePower(found, found, 'can_send_messages', 'Only Admins and Moderators post in an Announcement room.')
  throw new ValidationError('The room has just changed. Send the message again.')
}
