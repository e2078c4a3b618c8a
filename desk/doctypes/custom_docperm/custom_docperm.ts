import type { Context } from '../../context.ts'
import { documentOf } from '../../document/document.ts'
import { ValidationError } from '../../errors.ts'
import { CUSTOM_RULES } from '../../permissions/custom-rules.ts'
import type { CustomDocPermFields } from './custom_docperm.types.ts'

/** A permission rule of an administrator's: with the first one, those of the DocType's JSON no longer count. */
export default class CustomDocPerm extends documentOf<CustomDocPermFields>() {
  override validate(ctx: Context): void {
    const doctype = this.text('parent_doctype')
    if (!ctx.site.registry.findMeta(doctype)) throw new ValidationError(`There is no DocType ${doctype}.`)
    if (!(this.permlevel >= 0 && this.permlevel <= 9))
      throw new ValidationError('Level must be a number from 0 to 9.')
  }

  override on_update(ctx: Context): void {
    ctx.invalidate(CUSTOM_RULES)
  }

  override after_delete(ctx: Context): void {
    ctx.invalidate(CUSTOM_RULES)
  }
}
