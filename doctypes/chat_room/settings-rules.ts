import { ValidationError } from '@f-chat/desk'
import { isBlank } from '../text.ts'
import { MOST_MEMBERS } from './membership-rules.ts'

/** What an Admin may change of a room. */
export interface RoomSettings {
  room_name: string
  description: string | null
  max_members: number
  allow_file_sharing: 0 | 1
  auto_delete_messages_after_days: number
  is_private: 0 | 1
  room_type: string
  room_status: string
}

export const LONGEST_DESCRIPTION = 10_000
/** A hundred years. */
export const MOST_DAYS = 36_500

/** The room as it is: its settings, and how many are in it. */
export interface RoomNow extends RoomSettings {
  member_count: number
}

/**
 * What these settings change of a room; nothing of what is so already. What is archived is brought back before, or
 * together with, other changes.
 * @throws ValidationError that names the setting
 */
export function planSettings(room: RoomNow, wanted: Partial<RoomSettings>): Partial<RoomSettings> {
  const changes = differences(room, {
    ...wanted,
    ...(wanted.room_name !== undefined && { room_name: wanted.room_name.trim() }),
    ...(wanted.description !== undefined && {
      description: isBlank(wanted.description ?? '') ? null : wanted.description,
    }),
  })
  checkValues(room, changes)
  const isDirect = room.room_type === 'Direct Message'
  if (changes.room_type !== undefined && (isDirect || changes.room_type === 'Direct Message')) {
    throw new ValidationError('room_type: no room becomes a Direct Message, and none stops being one.')
  }
  if (isDirect && changes.max_members !== undefined) {
    throw new ValidationError('max_members: a Direct Message has two members.')
  }
  if (room.room_status === 'Archived' && !changes.room_status && Object.keys(changes).length > 0) {
    throw new ValidationError('This room is archived. Bring it back first, with room_status Active.')
  }
  return changes
}

function differences(room: RoomSettings, wanted: Partial<RoomSettings>): Partial<RoomSettings> {
  const entries = Object.entries(wanted) as [keyof RoomSettings, unknown][]
  return Object.fromEntries(entries.filter(([key, value]) => value !== (room[key] ?? null)))
}

function checkValues(room: RoomNow, wanted: Partial<RoomSettings>): void {
  if (wanted.room_name !== undefined && isBlank(wanted.room_name)) {
    throw new ValidationError('room_name: give the room a name that can be seen.')
  }
  const { max_members } = wanted
  if (max_members !== undefined && max_members < Math.max(2, room.member_count)) {
    const least = Math.max(2, room.member_count)
    throw new ValidationError(
      `max_members: at least ${String(least)}, for ${String(room.member_count)} are in the room.`,
    )
  }
  checkLimit('max_members', max_members, MOST_MEMBERS)
  checkLimit('auto_delete_messages_after_days', wanted.auto_delete_messages_after_days, MOST_DAYS)
}

function checkLimit(setting: string, value: number | undefined, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= most)) return
  throw new ValidationError(`${setting}: a whole number up to ${String(most)}.`)
}

/** What the room's event calls such a change. */
export function actionOf({
  room_status,
}: Partial<RoomSettings>): 'settings_updated' | 'archived' | 'restored' | 'deleted' {
  if (room_status === 'Archived') return 'archived'
  if (room_status === 'Deleted') return 'deleted'
  return room_status === 'Active' ? 'restored' : 'settings_updated'
}
