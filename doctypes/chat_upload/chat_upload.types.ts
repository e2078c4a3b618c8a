// Generated from chat_upload.json by the build: edit that file instead.

/** The fields of Chat Upload. */
export interface ChatUploadFields {
  chat_room: string | null
  uploaded_by: string | null
  file_name: string | null
  file_url: string | null
  file_size: number
  file_type: string | null
  thumbnail_url: string | null
  width: number
  height: number
  duration: number
  waveform: string | null
}
