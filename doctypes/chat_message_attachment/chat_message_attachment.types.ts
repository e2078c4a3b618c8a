// Generated from chat_message_attachment.json by the build: edit that file instead.

/** The fields of Chat Message Attachment. */
export interface ChatMessageAttachmentFields {
  file_name: string | null
  file_url: string | null
  file_size: number
  file_type: string | null
  uploaded_timestamp: string | null
  thumbnail_url: string | null
  width: number
  height: number
  duration: number
  waveform: string | null
}
