import type { Context } from '@f-chat/desk'

/** The channel that a room's members hear. */
export const roomChannel = (room: string): string => `chat_room_${room}`

/** A file of a message, as clients get it. */
export interface AttachmentShown {
  file_name: string
  file_url: string
  file_type: string | null
  file_size: number
  /** An image's small picture. */
  thumbnail_url: string | null
  /** Pixels of an image or video; null where they are not known. */
  width: number | null
  height: number | null
  /** Seconds of sound or video. */
  duration: number | null
  /** Loudness over the length of a voice message, 0 to 100. */
  waveform: number[] | null
}

/** The reactions to a message by emoji, in the order of first use. */
export type ReactionsShown = Record<string, { count: number; users: { user: string; timestamp: string }[] }>

/** A change of a room's that every member must hear of: without gaps, so that a client sees what it missed. */
interface Change {
  change_seq: number
}

/** What an invited device is told, and what it needs to answer. */
export interface CallAnnounced {
  call_session_id: string
  session_id: string
  room_id: string
  call_type: string
  initiated_by: string
  /** Users who are invited, the caller among them. */
  participants: string[]
  /** Of the participants, those who are in another call. */
  busy: string[]
  /** For the user who is told: credentials are made for each. */
  ice_servers: object[]
}

/** Someone in a call does something. */
interface CallMoved {
  call_session_id: string
  session_id: string
  user: string
  room_id: string
}

/** Every event of the chat and what it carries (f-chat-api.md §3, §7); a room's changes carry its change_seq. */
export interface ChatEvents {
  chat_new_message: Change & {
    message_id: string
    room_id: string
    /** In a Direct Message: its sender's name, which is what the other member calls the room. */
    room_name: string
    sender: string
    sender_name: string
    sender_image: string | null
    message_type: string
    content: string
    timestamp: string
    attachments: readonly AttachmentShown[]
    reply_to: string | null
    /** Users whom the message names; `@all` where it means the whole room. */
    mentions: readonly string[]
    /** What stands behind each @ that names one of them, and whom it means; not given where nobody is named. */
    mention_labels?: Readonly<Record<string, string>>
    seq: number
    client_id: string | null
  }
  chat_message_updated: Change & {
    message_id: string
    room_id: string
    action: 'edited' | 'deleted'
    new_content: string
    /** Users whom the message names now. */
    mentions: readonly string[]
    mention_labels?: Readonly<Record<string, string>>
    edit_timestamp?: string
    delete_timestamp?: string
    seq: number
  }
  /** To those whom a message names, on every device, unless they wish to hear nothing of the room. */
  chat_mention: {
    message_id: string
    room_id: string
    room_name: string
    sender: string
    sender_name: string
    /** One line without markup, at most 100 characters. */
    content: string
    seq: number
  }
  /** A member's own wish, for their other devices. */
  room_notify_changed: { room_id: string; notify: string }
  message_reaction_update: Change & { message_id: string; room_id: string; reactions: ReactionsShown }
  user_typing: { user: string; user_name: string; room_id: string; is_typing: boolean; timestamp: string }
  user_status_changed: { user: string; status: string; timestamp: string }
  room_read_status_changed: { room_id: string; user: string; timestamp: string; last_read_seq: number }
  chat_new_room: Change & { room_id: string; room_name: string; room_type: string; role: string }
  chat_room_joined: Change & { room_id: string; room_name: string; room_type: string; role: string }
  /** The room is no longer the user's: no change_seq, for they see no change of it any more. */
  chat_room_left: { room_id: string; room_name: string; room_type: string; role: string }
  chat_room_updated: Change & {
    room_id: string
    room_name: string
    /** `messages_deleted`, `messages_changed`: so many at once that clients sync instead of hearing of each. */
    action: 'settings_updated' | 'archived' | 'restored' | 'deleted' | 'messages_deleted' | 'messages_changed'
    changes: readonly string[]
    new_values: Record<string, unknown>
  }
  chat_member_changed: Change & {
    room_id: string
    user: string
    user_name: string
    action: 'added' | 'removed' | 'role_changed' | 'muted' | 'unmuted'
    role: string
    is_muted: number
    /** The read mark that a member who is added begins with. */
    last_read_seq?: number
  }
  chat_settings_updated: Record<string, unknown>
  call_initiated: CallAnnounced
  /** The user's other devices ring no longer; one that was in the call has been taken over by this. */
  call_participant_joined: CallMoved & { device: string }
  call_participant_left: CallMoved & { call_ended: boolean }
  call_rejected: CallMoved
  call_ended: {
    call_session_id: string
    session_id: string
    room_id: string
    call_status: string
    /** Seconds. */
    total_duration: number
  }
  /** A device of the user's shows that it rings. */
  call_ringing: CallMoved & { device: string }
  /** The user has asked others in. */
  call_invited: CallMoved & { users: readonly string[] }
  call_upgraded: { call_session_id: string; session_id: string; room_id: string; call_type: string }
  call_state_changed: CallMoved & { device: string; state: object }
  webrtc_signal: {
    call_session_id: string
    session_id: string
    signal_type: string
    signal_data: unknown
    from_user: string
    to_user: string
    room_id: string
    from_device: string
    to_device: string
    connection_id: string | null
  }
}

/** Tells a room's members, after commit. */
export function publishToRoom<E extends keyof ChatEvents>(
  ctx: Context,
  room: string,
  event: E,
  message: ChatEvents[E],
): void {
  ctx.publish(event, message, { room: roomChannel(room) })
}

/** Tells a room's members but for one. */
export function publishToOthers<E extends keyof ChatEvents>(
  ctx: Context,
  room: string,
  except: string,
  event: E,
  message: ChatEvents[E],
): void {
  ctx.publish(event, message, { room: roomChannel(room), except })
}

/** Tells whoever hears one of these channels: each socket once, however many of them it hears. */
export function publishToAny<E extends keyof ChatEvents>(
  ctx: Context,
  channels: readonly string[],
  event: E,
  message: ChatEvents[E],
): void {
  ctx.publish(event, message, { rooms: channels })
}

/** Tells one user on every device, after commit. */
export function publishToUser<E extends keyof ChatEvents>(
  ctx: Context,
  user: string,
  event: E,
  message: ChatEvents[E],
): void {
  ctx.publish(event, message, { user })
}

/** Tells everybody who is connected to the site, after commit. */
export function publishToAll<E extends keyof ChatEvents>(
  ctx: Context,
  event: E,
  message: ChatEvents[E],
): void {
  ctx.publish(event, message, { room: 'website' })
}

/** Tells one device of a user, after commit. */
export function publishToDevice<E extends keyof ChatEvents>(
  ctx: Context,
  to: { user: string; device: string },
  event: E,
  message: ChatEvents[E],
): void {
  ctx.publish(event, message, to)
}
