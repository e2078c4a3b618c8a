import type { Tally } from './tally.ts'
import { cutTo, flagOf, textOf, timeOf, wholeOf, wordOf, type SourceRow } from './values.ts'

const TYPES = ['Direct Message', 'Team Chat', 'Group Chat', 'Announcement'] as const
const STATUSES = ['Active', 'Archived', 'Deleted'] as const
const DATA_LENGTH = 140
const LONGEST_DESCRIPTION = 10_000
const LARGEST_INT = 2_147_483_647

/** What of a room its Admins set: a later run compares with it. */
export interface RoomSettings {
  room_name: string
  room_type: (typeof TYPES)[number]
  description: string | null
  room_status: (typeof STATUSES)[number]
  is_private: 0 | 1
  max_members: number
  allow_file_sharing: 0 | 1
  auto_delete_messages_after_days: number
  team_master: string | null
}

export const ROOM_COLUMNS = [
  ...['creation', 'owner', 'room_name', 'room_type', 'description', 'room_status', 'created_by'],
  ...['creation_date', 'team_master', 'is_private', 'max_members', 'allow_file_sharing'],
  'auto_delete_messages_after_days',
]

/** A room's settings as they will be here; what is broken is listed. */
export function settingsThere(row: SourceRow, tally: Tally): RoomSettings {
  const name = textOf(row.name)
  const list = (reason: string): void => {
    tally.list('Chat Room', name, reason)
  }
  /** A missing column, or nothing in it, is what the field is without. */
  const choose = <Word extends string>(
    field: string,
    words: readonly Word[],
    none: Word,
    broken: Word,
  ): Word => {
    const value = row[field]
    if (value === undefined || value === null) return none
    const word = wordOf(value, words)
    if (!word) list(`its ${field} "${cutTo(textOf(value), 40)}" does not exist; brought as ${broken}`)
    return word ?? broken
  }
  const title = textOf(row.room_name).trim()
  if (title === '') list('has no room_name; brought under its own name')
  const description = textOf(row.description)
  if (description.length > LONGEST_DESCRIPTION) list('its description was too long and is cut')
  return {
    room_name: cutTo(title || name, DATA_LENGTH),
    room_type: choose('room_type', TYPES, 'Group Chat', 'Group Chat'),
    description: cutTo(description, LONGEST_DESCRIPTION) || null,
    // What nobody can tell is better read than written in.
    room_status: choose('room_status', STATUSES, 'Active', 'Archived'),
    is_private: flagOf(row.is_private),
    max_members: within(wholeOf(row.max_members), 1, 50),
    allow_file_sharing: flagOf(row.allow_file_sharing, 1),
    auto_delete_messages_after_days: within(wholeOf(row.auto_delete_messages_after_days), 0, 0),
    team_master: cutTo(textOf(row.team_master), DATA_LENGTH) || null,
  }
}

const within = (value: number | undefined, least: number, otherwise: number): number =>
  value !== undefined && value >= least && value <= LARGEST_INT ? value : otherwise

/** When a room was made. */
export function madeAt(row: SourceRow): string | null {
  return timeOf(row.creation_date) ?? timeOf(row.creation)
}
