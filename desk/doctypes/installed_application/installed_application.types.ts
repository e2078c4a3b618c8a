// Generated from installed_application.json by the build: edit that file instead.

/** The fields of Installed Application. */
export interface InstalledApplicationFields {
  app_name: string | null
  app_version: string | null
}
