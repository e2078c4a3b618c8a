// Generated from has_role.json by the build: edit that file instead.

/** The fields of Has Role. */
export interface HasRoleFields {
  role: string | null
}
