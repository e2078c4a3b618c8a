import type { Context } from '../../context.ts'
import { documentOf } from '../../document/document.ts'
import { DuplicateEntryError, ValidationError } from '../../errors.ts'
import { USER_PERMISSIONS } from '../../permissions/user-permissions.ts'
import type { UserPermissionFields } from './user_permission.types.ts'

/** Limits a user to some documents of a DocType, and to documents that link to those. */
export default class UserPermission extends documentOf<UserPermissionFields>() {
  override async validate(ctx: Context): Promise<void> {
    if (this.apply_to_all_doctypes) this.applicable_for = null
    for (const doctype of [this.text('allow'), this.text('applicable_for')]) {
      if (doctype !== '' && !ctx.site.registry.findMeta(doctype))
        throw new ValidationError(`There is no DocType ${doctype}.`)
    }
    const same = await ctx
      .db('tabUser Permission')
      .where({ user: this.user, allow: this.allow, for_value: this.for_value })
      .whereNot({ name: this.text('name') })
      .where((query) => {
        if (this.text('applicable_for') === '')
          void query.whereNull('applicable_for').orWhere('applicable_for', '')
        else void query.where('applicable_for', this.text('applicable_for'))
      })
      .first<{ name: string } | undefined>('name')
    if (same) throw new DuplicateEntryError(`${this.text('user')} has this User Permission already.`)
  }

  override on_update(ctx: Context): void {
    ctx.invalidate(USER_PERMISSIONS)
  }

  override after_delete(ctx: Context): void {
    ctx.invalidate(USER_PERMISSIONS)
  }
}
