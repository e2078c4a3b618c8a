import type { Context } from '@f-chat/desk'
import { addDays, daysBetween } from '../days.ts'
import { rowsOf, type Query } from '../query.ts'

/** Days that a period has, today counted. */
export const PERIODS = { day: 1, week: 7, month: 30, year: 365 } as const
export type Period = keyof typeof PERIODS

const MOST_ACTIVE = 10

export interface RoomAnalytics {
  period: Period
  /** Days of the site, both counted. */
  start_date: string
  end_date: string
  message_stats: { total_messages: number; active_users: number; avg_message_length: number }
  message_by_type: { message_type: string; count: number }[]
  most_active_users: { sender: string; full_name: string; message_count: number }[]
  /** Every day of the period, those without messages too. */
  daily_stats: DayStats[]
  file_stats: { messages_with_files: number; total_files: number; total_file_size: number }
}

type FileStats = Omit<RoomAnalytics['file_stats'], 'total_file_size'> & {
  total_file_size: number | string | null
}

interface DayStats {
  date: string
  message_count: number
  unique_senders: number
}

/** What one sender wrote of one type. */
interface Written {
  sender: string
  full_name: string | null
  message_type: string
  messages: number
  /** A sum: MariaDB answers a decimal, as text. */
  characters: number | string
}

/**
 * What people wrote in a room: System messages and deleted ones do not count. Three statements, whatever the size.
 * The caller has been checked.
 */
export async function readAnalytics(ctx: Context, room: string, period: Period): Promise<RoomAnalytics> {
  const end_date = ctx.now().slice(0, 10)
  const start_date = addDays(end_date, 1 - PERIODS[period])
  const messages = (): Query => writtenIn(ctx, room, start_date, end_date)
  const written = await rowsOf<Written>(
    ctx
      .db(
        messages()
          .groupBy('m.sender', 'm.message_type')
          .select('m.sender', 'm.message_type')
          .count({ messages: '*' })
          .select(ctx.db.raw(`sum(${charactersOf(ctx)}) as characters`))
          .as('w'),
      )
      .leftJoin('tabUser as u', 'u.name', 'w.sender')
      .select('w.*', 'u.full_name'),
  )
  const days = await rowsOf<DayStats>(
    messages()
      .groupByRaw('substr(m.timestamp, 1, 10)')
      .select(ctx.db.raw('substr(m.timestamp, 1, 10) as date'))
      .count({ message_count: '*' })
      .countDistinct({ unique_senders: 'm.sender' }),
  )
  const [files] = await rowsOf<FileStats>(
    messages()
      .join('tabChat Message Attachment as a', 'a.parent', 'm.name')
      .where('a.parenttype', 'Chat Message')
      .countDistinct({ messages_with_files: 'm.name' })
      .count({ total_files: '*' })
      .sum({ total_file_size: 'a.file_size' }),
  )
  return {
    period,
    start_date,
    end_date,
    ...summarise(written),
    daily_stats: fillDays(days, start_date, end_date),
    file_stats: {
      messages_with_files: files?.messages_with_files ?? 0,
      total_files: files?.total_files ?? 0,
      total_file_size: Number(files?.total_file_size ?? 0),
    },
  }
}

/** What people wrote in a room on these days of the site, both counted. */
export function writtenIn(ctx: Context, room: string, first: string, last: string): Query {
  return ctx
    .db('tabChat Message as m')
    .where({ 'm.chat_room': room, 'm.is_deleted': 0 })
    .where('m.timestamp', '>=', `${first} 00:00:00`)
    .where('m.timestamp', '<', `${addDays(last, 1)} 00:00:00`)
    .whereNot('m.message_type', 'System')
}

/** Characters, not bytes. */
const charactersOf = (ctx: Context): string =>
  `${ctx.kind === 'mariadb' ? 'char_length' : 'length'}(coalesce(m.message_content, ''))`

/** Sums by sender and by type, from what each sender wrote of each type. */
export function summarise(
  written: readonly Written[],
): Pick<RoomAnalytics, 'message_stats' | 'message_by_type' | 'most_active_users'> {
  const types = new Map<string, number>()
  const senders = new Map<string, RoomAnalytics['most_active_users'][number]>()
  let [total, characters] = [0, 0]
  for (const row of written) {
    const count = row.messages
    total += count
    characters += Number(row.characters)
    types.set(row.message_type, (types.get(row.message_type) ?? 0) + count)
    const { sender } = row
    const known = senders.get(sender) ?? { sender, full_name: row.full_name ?? sender, message_count: 0 }
    senders.set(sender, { ...known, message_count: known.message_count + count })
  }
  return {
    message_stats: {
      total_messages: total,
      active_users: senders.size,
      avg_message_length: total === 0 ? 0 : Math.round((characters / total) * 100) / 100,
    },
    message_by_type: [...types]
      .map(([message_type, count]) => ({ message_type, count }))
      .sort((a, b) => b.count - a.count || a.message_type.localeCompare(b.message_type)),
    most_active_users: [...senders.values()]
      .sort((a, b) => b.message_count - a.message_count || a.sender.localeCompare(b.sender))
      .slice(0, MOST_ACTIVE),
  }
}

/** The days of a period in their order; a chart needs those on which nobody wrote as well. */
export function fillDays(days: readonly DayStats[], first: string, last: string): DayStats[] {
  const known = new Map(days.map((day) => [day.date, day]))
  return daysBetween(first, last).map((date) => ({
    date,
    message_count: known.get(date)?.message_count ?? 0,
    unique_senders: known.get(date)?.unique_senders ?? 0,
  }))
}
