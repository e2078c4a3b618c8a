// Generated from error_log.json by the build: edit that file instead.

/** The fields of Error Log. */
export interface ErrorLogFields {
  method: string | null
  error: string | null
  user: string | null
  seen: 0 | 1
}
