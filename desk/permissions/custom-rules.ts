import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import type { DocPerm } from '../meta/doctype.ts'

export const CUSTOM_RULES = 'custom-permissions'

/** An administrator's rules (Custom DocPerm) by DocType; they stand in place of those in its JSON. */
export function customRules(ctx: Context): Promise<ReadonlyMap<string, readonly DocPerm[]>> {
  return ctx.cached(CUSTOM_RULES, '', readRules)
}

type CustomRow = DocPerm & { parent_doctype: string }

async function readRules(db: Knex): Promise<ReadonlyMap<string, readonly DocPerm[]>> {
  const rows = await db('tabCustom DocPerm').orderBy(['creation', 'name']).select<CustomRow[]>()
  const rules = new Map<string, DocPerm[]>()
  for (const { parent_doctype, ...row } of rows) {
    rules.set(parent_doctype, [...(rules.get(parent_doctype) ?? []), row])
  }
  return rules
}
