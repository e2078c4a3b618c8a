// Generated from system_settings.json by the build: edit that file instead.

/** The fields of System Settings. */
export interface SystemSettingsFields {
  allow_guests_to_upload_files: 0 | 1
}
