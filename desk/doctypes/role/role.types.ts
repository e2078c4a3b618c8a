// Generated from role.json by the build: edit that file instead.

/** The fields of Role. */
export interface RoleFields {
  role_name: string | null
  desk_access: 0 | 1
  disabled: 0 | 1
}
