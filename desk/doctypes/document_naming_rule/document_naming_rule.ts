import type { Context } from '../../context.ts'
import { documentOf } from '../../document/document.ts'
import { NAMING_RULES } from '../../document/naming-rules.ts'
import { ValidationError } from '../../errors.ts'
import type { DocumentNamingRuleFields } from './document_naming_rule.types.ts'

const MOST_DIGITS = 12

/** Says how new documents of a DocType are named, where its conditions hold: before the DocType's own rule. */
export default class DocumentNamingRule extends documentOf<DocumentNamingRuleFields>() {
  override validate(ctx: Context): void {
    const digits = this.prefix_digits
    if (!(digits >= 1 && digits <= MOST_DIGITS))
      throw new ValidationError(`Digits must be from 1 to ${String(MOST_DIGITS)}.`)
    const meta = ctx.site.registry.findMeta(this.text('document_type'))
    if (!meta) return
    const unknown = this.conditions.find(({ field }) => !meta.columns().includes(String(field)))
    if (unknown) throw new ValidationError(`${meta.name} has no field "${String(unknown.field)}".`)
  }

  override on_update(ctx: Context): void {
    ctx.invalidate(NAMING_RULES)
  }

  override after_delete(ctx: Context): void {
    ctx.invalidate(NAMING_RULES)
  }
}
