// Generated from chat_room.json by the build: edit that file instead.

import type { ChatRoomMemberFields } from '../chat_room_member/chat_room_member.types.ts'

/** The fields of Chat Room. */
export interface ChatRoomFields {
  room_name: string | null
  room_type: 'Direct Message' | 'Team Chat' | 'Group Chat' | 'Announcement' | null
  description: string | null
  room_status: 'Active' | 'Archived' | 'Deleted' | null
  created_by: string | null
  creation_date: string | null
  team_master: string | null
  members: ChatRoomMemberFields[]
  is_private: 0 | 1
  max_members: number
  allow_file_sharing: 0 | 1
  auto_delete_messages_after_days: number
  last_seq: number
  change_seq: number
  members_change_seq: number
  settings_change_seq: number
  deleted_count: number
  last_message_at: string | null
  last_change: string | null
  direct_key: string | null
  member_left: 0 | 1
  team_left: string | null
  client_id: string | null
}
