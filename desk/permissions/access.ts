import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import { getDoc, notFound } from '../document/load.ts'
import { toPlain, type PlainDoc } from '../document/plain.ts'
import { DoesNotExistError, PermissionError, ValidationError } from '../errors.ts'
import type { Meta } from '../meta/meta.ts'
import { everything, fieldAccess, type FieldAccess } from './levels.ts'
import type { PermissionType } from './permissions.ts'

/**
 * A document for the caller, whatever road the question came by (REST, frappe.client, files, realtime). One that is
 * hidden from them answers as if it did not exist, for every kind of access (ADR 0008); a DocType that their roles
 * do not give is a PermissionError before anything is read.
 * @throws PermissionError, DoesNotExistError; ValidationError for a child row that is to be changed by itself
 */
export async function visibleDoc(
  ctx: Context,
  doctype: string,
  name: string,
  ptype: PermissionType,
): Promise<Document> {
  // Made only where it is thrown: an error takes the trouble of looking where it is.
  const refused = (): Error =>
    new PermissionError(`You may not ${ptype} ${doctype}. Ask an administrator for a role that may.`)
  if (ctx.meta(doctype).isTable) return await visibleRow(ctx, doctype, name, ptype)
  if (!(await ctx.hasPermission(doctype, 'read')) && !(await ctx.hasPermission(doctype, ptype)))
    throw refused()
  // Who is about to change it changes what is stored then, whoever else is at it: no false conflict.
  const doc = await getDoc(ctx, doctype, name, { forUpdate: ctx.writes && ptype !== 'read' })
  if (!(await ctx.hasPermission(doctype, 'read', doc))) throw notFound(doc.meta, name)
  if (ptype !== 'read' && !(await ctx.hasPermission(doctype, ptype, doc))) throw refused()
  return doc
}

/** A row of a child table is read by those who read its parent, and changed by saving that. */
async function visibleRow(
  ctx: Context,
  doctype: string,
  name: string,
  ptype: PermissionType,
): Promise<Document> {
  if (ptype !== 'read') throw savedWithParent(doctype)
  const row = await ctx.getDoc(doctype, name)
  try {
    const parent = await ctx.getDoc(row.parenttype ?? '', row.parent ?? '')
    const field = parent.meta.field(row.parentfield ?? '')
    const may = await fieldAccess(ctx, parent.meta, 'read', parent)
    if (field && may(field) && (await ctx.hasPermission(parent.doctype, 'read', parent))) return row
  } catch (error) {
    if (!(error instanceof DoesNotExistError)) throw error
  }
  throw notFound(row.meta, name)
}

export const savedWithParent = (doctype: string): Error =>
  new ValidationError(`${doctype} is a child table: its rows are saved with their parent document.`)

/** A document as the caller may see it: fields above their permission level are left out. */
export async function plainFor(ctx: Context, doc: Document): Promise<PlainDoc> {
  const rules = doc.meta.isTable ? (ctx.site.registry.findMeta(doc.parenttype ?? '') ?? doc.meta) : doc.meta
  const may = await fieldAccess(ctx, rules, 'read', doc)
  const plain = toPlain(doc)
  return may === everything ? plain : readableFields(ctx, doc.meta, plain, may)
}

function readableFields(ctx: Context, meta: Meta, plain: PlainDoc, may: FieldAccess): PlainDoc {
  const shown = Object.entries(plain).filter(([key]) => {
    const field = meta.field(key)
    return field === undefined || may(field)
  })
  const tables = new Map(meta.tableFields.map((field) => [field.fieldname, ctx.meta(field.options ?? '')]))
  return Object.fromEntries(
    shown.map(([key, value]) => {
      const child = tables.get(key)
      return child && Array.isArray(value)
        ? [key, value.map((row) => readableFields(ctx, child, row as PlainDoc, may))]
        : [key, value]
    }),
  )
}
