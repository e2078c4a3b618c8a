// Generated from user.json by the build: edit that file instead.

import type { HasRoleFields } from '../has_role/has_role.types.ts'

/** The fields of User. */
export interface UserFields {
  email: string | null
  first_name: string | null
  last_name: string | null
  full_name: string | null
  username: string | null
  mobile_no: string | null
  enabled: 0 | 1
  user_type: 'System User' | 'Website User' | null
  user_image: string | null
  language: string | null
  new_password: string | null
  last_login: string | null
  last_ip: string | null
  last_active: string | null
  roles: HasRoleFields[]
  api_key: string | null
  api_secret: string | null
  reset_password_key: string | null
  last_reset_password_key_generated_on: string | null
}
