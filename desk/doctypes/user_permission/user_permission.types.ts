// Generated from user_permission.json by the build: edit that file instead.

/** The fields of User Permission. */
export interface UserPermissionFields {
  user: string | null
  allow: string | null
  for_value: string | null
  is_default: 0 | 1
  apply_to_all_doctypes: 0 | 1
  applicable_for: string | null
  hide_descendants: 0 | 1
}
