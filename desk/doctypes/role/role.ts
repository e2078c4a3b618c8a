import type { Context } from '../../context.ts'
import { documentOf } from '../../document/document.ts'
import { PermissionError, ValidationError } from '../../errors.ts'
import { AUTOMATIC_ROLES, ROLES } from '../../permissions/roles.ts'
import type { RoleFields } from './role.types.ts'

/** What people may do is given to roles, and roles to people. */
export default class Role extends documentOf<RoleFields>() {
  override validate(): void {
    if (this.disabled && AUTOMATIC_ROLES.has(this.name))
      throw new ValidationError(`${this.name} is a role that desk gives by itself; it cannot be disabled.`)
  }

  override on_update(ctx: Context): void {
    ctx.invalidate(ROLES)
  }

  override on_trash(): void {
    if (AUTOMATIC_ROLES.has(this.name))
      throw new PermissionError(`${this.name} is a role of desk's own; it cannot be deleted.`)
  }

  override after_delete(ctx: Context): void {
    ctx.invalidate(ROLES)
  }

  override after_rename(ctx: Context): void {
    ctx.invalidate(ROLES)
  }
}
