// Generated from chat_room_statistics.json by the build: edit that file instead.

/** The fields of Chat Room Statistics. */
export interface ChatRoomStatisticsFields {
  chat_room: string | null
  statistics_date: string | null
  message_count: number
  active_members: number
  file_count: number
  file_size: number
  member_count: number
}
