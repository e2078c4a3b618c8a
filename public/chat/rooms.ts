import { __ } from '@f-chat/desk/client'
import { plainText } from '../../markup/plain.ts'
import type { Preview } from '../shared/store/model.ts'
import { type Room, unreadCount } from '../shared/store/room.ts'

export type RoomFilter = 'all' | 'unread' | 'direct' | 'rooms'

const SHOWN: Readonly<Record<RoomFilter, (room: Room) => boolean>> = {
  all: () => true,
  unread: (room) => unreadCount(room) > 0,
  direct: (room) => room.type === 'Direct Message',
  rooms: (room) => room.type !== 'Direct Message',
}

/** The rooms that a filter shows, narrowed to those whose name has every word of the search in it. */
export function filterRooms(rooms: readonly Room[], filter: RoomFilter, search: string): Room[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return rooms.filter((room) => {
    const title = room.title.toLocaleLowerCase()
    return SHOWN[filter](room) && words.every((word) => title.includes(word))
  })
}

const WITHOUT_TEXT: Readonly<Record<string, () => string>> = {
  Image: () => __('Photo'),
  File: () => __('File'),
  Voice: () => __('Voice message'),
}

/** More than any list shows of one. */
const LONGEST_LINE = 140
const lines = new WeakMap<Preview, string>()

/** A newest message without markup, read once. */
function lineOf(last: Preview): string {
  let line = lines.get(last)
  if (line === undefined) {
    line = last.type === 'System' ? last.content.trim() : plainText(last.content, LONGEST_LINE)
    lines.set(last, line)
  }
  return line
}

/** A room's newest message in one line; `quiet` for what nobody said: system lines, an empty room. */
export function previewLine(room: Room, me: string): { text: string; quiet: boolean } {
  const { last } = room
  if (!last) return { text: __('No messages yet'), quiet: true }
  const content = lineOf(last) || (WITHOUT_TEXT[last.type]?.() ?? '')
  if (last.type === 'System') return { text: content, quiet: true }
  if (last.sender === me) return { text: __('You: {0}', [content]), quiet: false }
  const said = room.type !== 'Direct Message' && last.senderName
  return { text: said ? `${firstName(last.senderName)}: ${content}` : content, quiet: false }
}

const firstName = (name: string): string => name.split(/\s+/)[0] ?? name

/** Why nothing can be written here (f-chat-api.md §4); empty when it can. */
export function disabledReason(room: Pick<Room, 'status' | 'muted' | 'type' | 'role'>): string {
  if (room.status === 'Archived') return __('This room is archived.')
  if (room.status !== 'Active') return __('This room was closed.')
  if (room.muted) return __('You are muted in this room.')
  if (room.type === 'Announcement' && room.role === 'Member')
    return __('Only admins and moderators post here.')
  return ''
}
