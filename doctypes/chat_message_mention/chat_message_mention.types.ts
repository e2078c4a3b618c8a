// Generated from chat_message_mention.json by the build: edit that file instead.

/** The fields of Chat Message Mention. */
export interface ChatMessageMentionFields {
  user: string | null
  label: string | null
  chat_room: string | null
  seq: number
}
