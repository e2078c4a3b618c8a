// Generated from chat_settings.json by the build: edit that file instead.

/** The fields of Chat Settings. */
export interface ChatSettingsFields {
  enable_chat: 0 | 1
  enable_cron_monitoring: 0 | 1
  default_room_max_members: number
  enable_desktop_notifications: 0 | 1
  enable_typing_indicators: 0 | 1
  enable_message_editing: 0 | 1
  message_edit_time_limit: number
  enable_message_reactions: 0 | 1
  auto_delete_old_messages: 0 | 1
  auto_delete_after_days: number
  allowed_email_domains: string | null
  max_file_size: number
  allowed_file_types: string | null
}
