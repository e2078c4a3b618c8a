import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import type { DocPerm, Flag } from '../meta/doctype.ts'

export const CUSTOM_RULES = 'custom-permissions'

/** An administrator's rules (Custom DocPerm) by DocType; they stand in place of those in its JSON. */
export function customRules(ctx: Context): Promise<ReadonlyMap<string, readonly DocPerm[]>> {
  return ctx.cached(CUSTOM_RULES, '', readRules)
}

/** A field cannot be called `delete`: every document has that already. */
type CustomRow = Omit<DocPerm, 'delete'> & { parent_doctype: string; can_delete: Flag }

async function readRules(db: Knex): Promise<ReadonlyMap<string, readonly DocPerm[]>> {
  const rows = await db('tabCustom DocPerm').select<CustomRow[]>()
  const rules = new Map<string, DocPerm[]>()
  for (const { parent_doctype, can_delete, ...row } of rows) {
    rules.set(parent_doctype, [...(rules.get(parent_doctype) ?? []), { ...row, delete: can_delete }])
  }
  return rules
}
