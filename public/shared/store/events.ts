import {
  asWire,
  labelsFrom,
  type Message,
  messageFromEvent,
  num,
  type Reader,
  str,
  type Wire,
} from './model.ts'
import { applyRead, applyValues, mergeMessage, type Room } from './room.ts'

/** A room's event off the wire. Those with `changeSeq` take their turn; a read mark does not wait for one. */
export type RoomEvent =
  | { kind: 'message'; room: string; changeSeq: number; message: Message }
  | { kind: 'message-changed'; room: string; changeSeq: number; messageId: string; change: Partial<Message> }
  | { kind: 'member'; room: string; changeSeq: number; user: string; action: string; role: string }
  | { kind: 'room'; room: string; changeSeq: number; values: Wire }
  | { kind: 'read'; room: string; user: string; seq: number }

/** The events of the catalogue that change what a room shows. */
export const ROOM_EVENTS = [
  'chat_new_message',
  'chat_message_updated',
  'message_reaction_update',
  'chat_member_changed',
  'chat_room_updated',
  'room_read_status_changed',
] as const

export type RoomEventName = (typeof ROOM_EVENTS)[number]

/** An event's payload as the change that it tells (f-chat-api.md §3). */
export function decodeEvent(name: RoomEventName, message: unknown, reader: Reader): RoomEvent {
  const payload = asWire(message)
  const room = str(payload.room_id)
  const changeSeq = num(payload.change_seq)
  const messageId = str(payload.message_id)
  switch (name) {
    case 'chat_new_message':
      return { kind: 'message', room, changeSeq, message: messageFromEvent(payload, reader) }
    case 'chat_message_updated': {
      const deleted = payload.action === 'deleted'
      const content = str(payload.new_content)
      const change = {
        changeSeq,
        mentionLabels: labelsFrom(payload.mention_labels),
        ...(deleted ? { deleted: true, ...(content && { content }) } : { content, edited: true }),
      }
      return { kind: 'message-changed', room, changeSeq, messageId, change }
    }
    case 'message_reaction_update': {
      const change = { changeSeq, reactions: payload.reactions }
      return { kind: 'message-changed', room, changeSeq, messageId, change }
    }
    case 'chat_member_changed': {
      const { user, action, role } = payload
      return { kind: 'member', room, changeSeq, user: str(user), action: str(action), role: str(role) }
    }
    case 'chat_room_updated':
      return { kind: 'room', room, changeSeq, values: asWire(payload.new_values) }
    case 'room_read_status_changed':
      return { kind: 'read', room, user: str(payload.user), seq: num(payload.last_read_seq) }
  }
}

/** The room after an event, and whether the event showed a gap that only a sync can close. */
export interface Applied {
  readonly room: Room
  readonly gap: boolean
}

/**
 * Applies an event by its change_seq: the next one is applied, one that is not above the room's own is ignored, and
 * any other shows that something was missed, is left out, and asks for a sync.
 */
export function applyEvent(room: Room, event: RoomEvent, me: string): Applied {
  if (event.kind === 'read') return { room: applyRead(room, event.user, event.seq, me), gap: false }
  if (event.changeSeq === 0 || event.changeSeq > room.changeSeq + 1) return { room, gap: true }
  if (event.changeSeq <= room.changeSeq) return { room, gap: false }
  return { room: { ...applyChange(room, event, me), changeSeq: event.changeSeq }, gap: false }
}

function applyChange(room: Room, event: Exclude<RoomEvent, { kind: 'read' }>, me: string): Room {
  switch (event.kind) {
    case 'message':
      return mergeMessage(room, event.message, me)
    case 'message-changed':
      return changeMessage(room, event.messageId, event.change, me)
    case 'member':
      return changeMember(room, event, me)
    case 'room':
      return applyValues(room, event.values)
  }
}

function changeMessage(room: Room, messageId: string, change: Partial<Message>, me: string): Room {
  const held = room.messages.find((message) => message.name === messageId)
  return held ? mergeMessage(room, { ...held, ...change }, me) : room
}

const COUNT_CHANGE: Readonly<Record<string, number>> = { added: 1, removed: -1 }

function changeMember(
  room: Room,
  { user, action, role }: { user: string; action: string; role: string },
  me: string,
): Room {
  const memberCount = room.memberCount + (COUNT_CHANGE[action] ?? 0)
  if (user !== me) return { ...room, memberCount }
  const muted = action === 'muted' || (room.muted && action !== 'unmuted')
  return { ...room, memberCount, muted, role: role || room.role }
}
