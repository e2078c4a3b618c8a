// Generated from chat_import_map.json by the build: edit that file instead.

/** The fields of Chat Import Map. */
export interface ChatImportMapFields {
  source: string | null
  source_doctype: string | null
  source_name: string | null
  target_name: string | null
  fingerprint: string | null
  is_pending: 0 | 1
  state: string | null
}
