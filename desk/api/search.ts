import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { PermissionError, ValidationError } from '../errors.ts'
import type { Meta } from '../meta/meta.ts'
import { defineMethod } from '../method.ts'
import { fieldsArg, filtersArg } from './list-args.ts'
import { DocTypeName } from './names.ts'

const LONGEST_PAGE = 50

export const searchLink = defineMethod({
  name: 'frappe.desk.search.search_link',
  summary:
    'Documents whose name, title or search fields contain the text, for a Link field. The right to select is enough. With `ignore_user_permissions` the caller’s User Permissions are left aside, if `reference_doctype` has a Link to the DocType that says so.',
  input: Type.Object({
    doctype: DocTypeName,
    txt: Type.String({ default: '' }),
    page_length: Type.Integer({ default: 10, minimum: 1, maximum: LONGEST_PAGE }),
    filters: Type.Optional(Type.Unknown()),
    /** Fields to look in, in place of the DocType's own. */
    searchfield: Type.Optional(Type.Unknown()),
    reference_doctype: Type.Optional(Type.String()),
    ignore_user_permissions: Type.Boolean({ default: false }),
  }),
  async handler({ doctype, txt, page_length, filters, searchfield, ...link }, ctx) {
    const meta = ctx.meta(doctype)
    if (!(await ctx.hasPermission(doctype, 'select')))
      throw new PermissionError(`You may not select ${doctype}.`)
    const shown = shownFields(meta)
    const searched = searchfield === undefined ? ['name', ...shown] : searchFields(meta, searchfield)
    const pattern = `%${txt.trim().replace(/[\\%_]/g, '\\$&')}%`
    const rows = await ctx.getList(doctype, {
      fields: ['name', ...shown],
      filters: filtersArg(filters),
      or_filters: txt.trim() === '' ? [] : searched.map((field) => [field, 'like', pattern]),
      limit_page_length: page_length,
      order_by: 'name asc',
      permission: 'select',
      ignoreUserPermissions:
        link.ignore_user_permissions && leavesLimits(ctx, doctype, link.reference_doctype),
    })
    return rows.map((row) => ({
      value: row.name,
      label: meta.titleField ? (row[meta.titleField] ?? row.name) : row.name,
      description: shown
        .map((field) => row[field])
        .filter((value) => value && value !== row.name)
        .join(', '),
    }))
  },
})

/** Whether a Link of the referring DocType, or of its child tables, is one that User Permissions do not touch. */
function leavesLimits(ctx: Context, doctype: string, reference: string | undefined): boolean {
  const { registry } = ctx.site
  const referring = registry.findMeta(reference ?? '')
  const metas = referring
    ? [referring, ...referring.tableFields.map((field) => ctx.meta(field.options ?? ''))]
    : []
  return metas.some((meta) =>
    meta.linkFields.some(
      (field) =>
        field.fieldtype === 'Link' && field.options === doctype && Boolean(field.ignore_user_permissions),
    ),
  )
}

/** What a choice shows beside the name: the title and the search fields of level 0. */
function shownFields(meta: Meta): string[] {
  const fields = new Set([...(meta.titleField ? [meta.titleField] : []), ...meta.searchFields])
  return [...fields].filter((field) => field !== 'name' && isOpen(meta, field))
}

function isOpen(meta: Meta, name: string): boolean {
  const field = meta.field(name)
  return meta.columns().includes(name) && field?.fieldtype !== 'Password' && (field?.permlevel ?? 0) === 0
}

function searchFields(meta: Meta, searchfield: unknown): string[] {
  const fields = fieldsArg(searchfield, 'searchfield')
  return fields.map((field) => {
    if (typeof field === 'string' && isOpen(meta, field)) return field
    throw new ValidationError(
      `${meta.name} has no such field to search: ${JSON.stringify(field).slice(0, 60)}.`,
    )
  })
}
