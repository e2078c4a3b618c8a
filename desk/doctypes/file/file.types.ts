// Generated from file.json by the build: edit that file instead.

/** The fields of File. */
export interface FileFields {
  file_name: string | null
  is_private: 0 | 1
  file_type: string | null
  content_type: string | null
  file_size: number
  file_url: string | null
  thumbnail_url: string | null
  folder: string | null
  is_folder: 0 | 1
  is_home_folder: 0 | 1
  is_attachments_folder: 0 | 1
  attached_to_doctype: string | null
  attached_to_name: string | null
  attached_to_field: string | null
  content_hash: string | null
}
