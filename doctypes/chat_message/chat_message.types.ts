// Generated from chat_message.json by the build: edit that file instead.

import type { ChatMessageAttachmentFields } from '../chat_message_attachment/chat_message_attachment.types.ts'
import type { ChatMessageMentionFields } from '../chat_message_mention/chat_message_mention.types.ts'
import type { ChatMessageReactionFields } from '../chat_message_reaction/chat_message_reaction.types.ts'

/** The fields of Chat Message. */
export interface ChatMessageFields {
  chat_room: string | null
  sender: string | null
  message_type: 'Text' | 'File' | 'Image' | 'Voice' | 'System' | 'Announcement' | 'Broadcast' | null
  timestamp: string | null
  message_content: string | null
  file_attachments: ChatMessageAttachmentFields[]
  reply_to_message: string | null
  is_edited: 0 | 1
  edit_timestamp: string | null
  is_deleted: 0 | 1
  delete_timestamp: string | null
  reactions: ChatMessageReactionFields[]
  mentions: ChatMessageMentionFields[]
  seq: number
  change_seq: number
  client_id: string | null
}
