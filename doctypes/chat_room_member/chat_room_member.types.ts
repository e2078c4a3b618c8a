// Generated from chat_room_member.json by the build: edit that file instead.

/** The fields of Chat Room Member. */
export interface ChatRoomMemberFields {
  user: string | null
  role: 'Member' | 'Admin' | 'Moderator' | null
  joined_date: string | null
  is_admin: 0 | 1
  is_muted: 0 | 1
  notify: 'All' | 'Mentions' | 'None' | null
  last_read_timestamp: string | null
  last_read_seq: number
  own_since_read: number
  via_team: 0 | 1
}
