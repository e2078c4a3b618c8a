import { PermissionError, ValidationError, type Context } from '@f-chat/desk'
import type { RawSql } from '../query.ts'
import { memberRoom } from '../chat_room/membership.ts'

const POSTS_ANNOUNCEMENTS = ['Admin', 'Moderator']

/** The numbers of a new message, read by its own INSERT from the room's row, which the transaction holds. */
export interface Place {
  seq: RawSql
  change_seq: RawSql
}

/**
 * Takes the room's next numbers for a message of the caller's. The statement that counts is also the one that
 * asks whether the caller may write: a member, not muted, in an Active room, and in an Announcement room one who
 * may post there. The room's row is locked from here to the commit, so this comes as late as possible.
 *
 * @param at the message's timestamp
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError
 */
export async function takePlace(ctx: Context, room: string, at: string): Promise<Place> {
  const counted =
    ctx.kind === 'mariadb' ? await countTogether(ctx, room, at) : await countApart(ctx, room, at)
  if (!counted) throw await refusal(ctx, room)
  const { db } = ctx
  return {
    seq: db.raw('(select last_seq from `tabChat Room` where name = ?)', [room]),
    change_seq: db.raw('(select change_seq from `tabChat Room` where name = ?)', [room]),
  }
}

async function countTogether(ctx: Context, room: string, at: string): Promise<boolean> {
  const changed: unknown = await ctx
    .db('tabChat Room as r')
    .join('tabChat Room Member as m', 'm.parent', 'r.name')
    .where({ 'r.name': room, 'r.room_status': 'Active', 'm.user': ctx.user, 'm.is_muted': 0 })
    .where((either) => {
      void either.whereNot('r.room_type', 'Announcement').orWhereIn('m.role', POSTS_ANNOUNCEMENTS)
    })
    .update({
      'r.last_seq': ctx.db.raw('r.last_seq + 1'),
      'r.change_seq': ctx.db.raw('r.change_seq + 1'),
      'r.last_message_at': at,
      'r.last_change': at,
      'm.own_since_read': ctx.db.raw('m.own_since_read + 1'),
    })
  return changed !== 0
}

/** SQLite has no UPDATE over two tables. */
async function countApart(ctx: Context, room: string, at: string): Promise<boolean> {
  const { db, user } = ctx
  const changed = await db('tabChat Room')
    .where({ name: room, room_status: 'Active' })
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

async function refusal(ctx: Context, room: string): Promise<Error> {
  const found = await memberRoom(ctx, room)
  if (found.room_status !== 'Active')
    return new ValidationError('This room is archived: it can be read, not written in.')
  if (found.is_muted) return new PermissionError('You are muted in this room. Ask one of its Admins.')
  return new PermissionError('Only Admins and Moderators post in an Announcement room.')
}
