// Generated from chat_user_activity.json by the build: edit that file instead.

/** The fields of Chat User Activity. */
export interface ChatUserActivityFields {
  user: string | null
  chat_status: 'online' | 'away' | 'busy' | 'offline' | null
  last_seen: string | null
  last_activity: string | null
  is_online: 0 | 1
  unread_count: number
  active_room: string | null
  typing_in_room: string | null
  full_name: string | null
  chosen_status: '' | 'away' | 'busy' | 'offline' | null
}
