import type { Context } from '../context.ts'
import { defaultValues } from '../document/defaults.ts'
import type { Document } from '../document/document.ts'
import type { DocField } from '../meta/doctype.ts'
import type { Meta } from '../meta/meta.ts'
import { rulesFor } from './permissions.ts'
import { ADMINISTRATOR } from './roles.ts'
import { grantedLevels } from './rules.ts'

/** Says of a field whether its permission level is open to the caller. */
export type FieldAccess = (field: DocField) => boolean

/** Of a caller, or a DocType, whose fields are all open. */
export const everything: FieldAccess = () => true

const level = (field: DocField): number => field.permlevel ?? 0

function hasLevels(ctx: Context, meta: Meta): boolean {
  return meta.fields.some(
    (field) =>
      level(field) > 0 ||
      (meta.tableFields.includes(field) &&
        ctx.meta(field.options ?? '').fields.some((one) => level(one) > 0)),
  )
}

/**
 * Which fields of a DocType, and of its child tables, the caller may read or write (permlevel). Level 0 goes with
 * the document.
 * @param doc counts for rules that hold for one's own documents; without it those open nothing
 */
export async function fieldAccess(
  ctx: Context,
  meta: Meta,
  ptype: 'read' | 'write',
  doc?: Document,
): Promise<FieldAccess> {
  if (ctx.user === ADMINISTRATOR || !hasLevels(ctx, meta)) return everything
  const levels = grantedLevels(await rulesFor(ctx, meta), await ctx.roles(), ptype, doc?.owner === ctx.user)
  return (field) => level(field) === 0 || levels.has(level(field))
}

/**
 * Puts fields that the caller may not write back to what is stored, or to their default in a new document: silently,
 * as Frappe does, since forms send every field.
 */
export async function restoreUnwritable(doc: Document): Promise<void> {
  const { ctx, meta } = doc
  const may = await fieldAccess(ctx, meta, 'write', doc)
  if (may === everything) return
  restoreFields(doc, may)
  const closedTables = meta.tableFields.filter((field) => !may(field))
  if (closedTables.length > 0) {
    const stored = doc.isNew ? undefined : await ctx.getDoc(meta.name, doc.name)
    for (const { fieldname } of closedTables) doc.set(fieldname, stored?.children(fieldname) ?? [])
  }
  for (const table of meta.tableFields) {
    if (may(table)) for (const row of doc.children(table.fieldname)) restoreFields(row, may)
  }
}

function restoreFields(doc: Document, may: FieldAccess): void {
  const closed = doc.meta.valueFields.filter((field) => !may(field))
  if (closed.length === 0) return
  const before = doc.stored ?? defaultValues(doc.meta, doc.ctx)
  for (const { fieldname } of closed) doc.set(fieldname, before[fieldname] ?? null)
}
