import type { Context } from '@f-chat/desk'
import { addDays, daysBetween } from '../days.ts'
import { rowsOf, type Query } from '../query.ts'

const TABLE = 'tabChat Room Statistics'
/** A site that was off for longer has gaps. */
const MOST_DAYS_LATE = 31
const KEPT_DAYS = 2 * 365
const ROWS_PER_STATEMENT = 500

/** The days up to this one that have not been counted yet; on a site that begins to count, that day alone. */
export async function missingDays(ctx: Context, last: string): Promise<string[]> {
  const [row] = await rowsOf<{ newest: string | null }>(ctx.db(TABLE).max({ newest: 'statistics_date' }))
  const newest = row?.newest ?? addDays(last, -1)
  const first = [addDays(newest, 1), addDays(last, 1 - MOST_DAYS_LATE)].sort().at(-1) ?? last
  return daysBetween(first, last)
}

interface DayOfRoom {
  chat_room: string
  message_count: number
  active_members: number
  member_count: number
}

interface FilesOfRoom {
  chat_room: string
  file_count: number
  file_size: number | string | null
}

/**
 * Counts what people wrote in each room on a day of the site; rooms in which nobody wrote get no row. Counted again,
 * the day's rows are replaced.
 */
export async function storeStatistics(ctx: Context, day: string): Promise<void> {
  const rooms = await rowsOf<DayOfRoom>(
    ctx
      .db(
        writtenOn(ctx, day)
          .groupBy('m.chat_room')
          .select('m.chat_room')
          .count({ message_count: '*' })
          .countDistinct({ active_members: 'm.sender' })
          .as('d'),
      )
      .select('d.*', {
        member_count: ctx.db('tabChat Room Member as c').whereRaw('c.parent = d.chat_room').count('*'),
      }),
  )
  const files = await rowsOf<FilesOfRoom>(
    writtenOn(ctx, day)
      .join('tabChat Message Attachment as a', 'a.parent', 'm.name')
      .where('a.parenttype', 'Chat Message')
      .groupBy('m.chat_room')
      .select('m.chat_room')
      .count({ file_count: '*' })
      .sum({ file_size: 'a.file_size' }),
  )
  const filesOf = new Map(files.map((row) => [row.chat_room, row]))
  const at = ctx.now()
  const rows = rooms.map((room) => ({
    name: `${room.chat_room}-${day}`,
    owner: ctx.user,
    modified_by: ctx.user,
    creation: at,
    modified: at,
    statistics_date: day,
    ...room,
    file_count: filesOf.get(room.chat_room)?.file_count ?? 0,
    file_size: Number(filesOf.get(room.chat_room)?.file_size ?? 0),
  }))
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    await ctx
      .db(TABLE)
      .insert(rows.slice(start, start + ROWS_PER_STATEMENT))
      .onConflict('name')
      .merge([
        ...['modified', 'modified_by', 'message_count', 'active_members'],
        ...['member_count', 'file_count', 'file_size'],
      ])
  }
}

/** By room: those that have had messages since the day began are few, and each finds its own by an index. */
function writtenOn(ctx: Context, day: string): Query {
  const begin = `${day} 00:00:00`
  return ctx
    .db('tabChat Room as r')
    .join('tabChat Message as m', 'm.chat_room', 'r.name')
    .where('r.last_message_at', '>=', begin)
    .where('m.is_deleted', 0)
    .where('m.timestamp', '>=', begin)
    .where('m.timestamp', '<', `${addDays(day, 1)} 00:00:00`)
    .whereNot('m.message_type', 'System')
}

/** Statistics are kept for two years. */
export async function forgetStatistics(ctx: Context, last: string): Promise<void> {
  await ctx.db(TABLE).where('statistics_date', '<', addDays(last, -KEPT_DAYS)).delete()
}
