import type { UserDataField } from '../app.ts'
import type { Meta } from '../meta/meta.ts'
import type { Site } from '../site/site.ts'

/** A rule of `user_data_fields` with its DocType. */
export interface PersonalRule extends UserDataField {
  readonly meta: Meta
  /** The column that names the person. */
  readonly column: string
}

/**
 * Every rule that the site's apps have, the newest app's first, so that what stands on other documents goes before
 * them. @throws Error for a rule that names what is not there
 */
export function personalRules(site: Site): PersonalRule[] {
  return site.registry.apps
    .toReversed()
    .flatMap(({ definition }) =>
      (definition.user_data_fields ?? []).map((rule) => checked(site, definition.name, rule)),
    )
}

function checked(site: Site, app: string, rule: UserDataField): PersonalRule {
  const at = `user_data_fields of ${app}: `
  const meta = site.registry.findMeta(rule.doctype)
  if (!meta || meta.isSingle || meta.isVirtual)
    throw new Error(`${at}${rule.doctype} is no DocType with a table of its own.`)
  const column = rule.filter_by ?? 'owner'
  for (const name of [column, ...(rule.redact_fields ?? [])]) {
    if (!meta.columns().includes(name)) throw new Error(`${at}${rule.doctype} has no column ${name}.`)
  }
  if (rule.partial && !rule.redact_fields?.length)
    throw new Error(`${at}${rule.doctype} is to be redacted in part, but no redact_fields are named.`)
  return { ...rule, meta, column }
}
