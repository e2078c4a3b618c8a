import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { DeskError, DoesNotExistError, PermissionError, ValidationError } from '../errors.ts'
import type { ListQuery } from '../document/list.ts'
import type { ListField } from '../document/selection.ts'
import { standardColumns } from '../meta/meta.ts'
import { defineMethod } from '../method.ts'
import { plainFor, visibleDoc } from '../permissions/access.ts'
import { PERMISSION_TYPES, type PermissionType } from '../permissions/rules.ts'
import { fieldsArg, filtersArg, listDocuments } from './list-args.ts'
import { DocTypeName, Name } from './names.ts'

const Loose = Type.Optional(Type.Unknown())

export const getList = defineMethod({
  name: 'frappe.client.get_list',
  summary: 'A list, as `/api/resource/<DocType>` answers it.',
  input: Type.Object({
    doctype: DocTypeName,
    fields: Loose,
    filters: Loose,
    or_filters: Loose,
    group_by: Loose,
    order_by: Loose,
    limit_start: Loose,
    limit_page_length: Loose,
    limit: Loose,
    parent: Loose,
    as_dict: Type.Boolean({ default: true }),
  }),
  handler: async ({ doctype, ...args }, ctx) => await listDocuments(ctx, doctype, args),
})

/** The name of the first document that fits. @throws DoesNotExistError */
async function findName(
  ctx: Context,
  doctype: string,
  filters: unknown,
  parent: string | undefined,
): Promise<string> {
  const [row] = await ctx.getList(doctype, {
    fields: ['name'],
    filters,
    ...under(parent),
    limit_page_length: 1,
  })
  if (row) return String(row.name)
  throw new DoesNotExistError(`There is no ${doctype} that fits the filters.`)
}

const under = (parent: string | undefined): Pick<ListQuery, 'parent'> => (parent ? { parent } : {})

export const get = defineMethod({
  name: 'frappe.client.get',
  summary: 'One document with its child rows, nulls included: by name, by filters, or a Single.',
  input: Type.Object({
    doctype: DocTypeName,
    name: Type.Optional(Name),
    filters: Loose,
    parent: Type.Optional(Type.String()),
  }),
  async handler({ doctype, name, filters, parent }, ctx) {
    const single = ctx.meta(doctype).isSingle ? doctype : undefined
    const asked = single ?? name ?? (await findName(ctx, doctype, neededFilters(filters), parent))
    return await plainFor(ctx, await visibleDoc(ctx, doctype, String(asked), 'read'))
  },
})

function neededFilters(filters: unknown): unknown {
  if (filters === undefined) throw new ValidationError('Say which document: by name, or by filters.')
  return filtersArg(filters)
}

export const getValue = defineMethod({
  name: 'frappe.client.get_value',
  summary:
    'One value of the first document that fits, or several as an object (a list where `as_dict` is false).',
  input: Type.Object({
    doctype: DocTypeName,
    fieldname: Loose,
    filters: Loose,
    as_dict: Type.Boolean({ default: true }),
    parent: Type.Optional(Type.String()),
  }),
  async handler({ doctype, fieldname, filters, as_dict, parent }, ctx) {
    const fields = fieldsArg(fieldname, 'fieldname')
    const values = ctx.meta(doctype).isSingle
      ? await singleValues(ctx, doctype, fields.map(plainName))
      : await firstRow(ctx, doctype, { fields, filters: filtersArg(filters), ...under(parent) })
    if (as_dict) return values ?? {}
    if (!values) return null
    const list = Object.values(values)
    return fields.length > 1 ? list : (list[0] ?? null)
  },
})

/** A Single has nothing to compute over. */
function plainName(field: ListField): string {
  if (typeof field === 'string') return field
  throw new ValidationError('fieldname must be a JSON list of field names.')
}

async function firstRow(
  ctx: Context,
  doctype: string,
  query: ListQuery,
): Promise<Record<string, unknown> | undefined> {
  return (await ctx.getList(doctype, { ...query, limit_page_length: 1 }))[0]
}

async function singleValues(
  ctx: Context,
  doctype: string,
  fields: readonly string[],
): Promise<Record<string, unknown>> {
  const plain = await plainFor(ctx, await visibleDoc(ctx, doctype, doctype, 'read'))
  const { valueFields, passwordFields } = ctx.meta(doctype)
  const columns = [...standardColumns, ...valueFields.map(({ fieldname }) => fieldname)]
  const secret = new Set(passwordFields.map(({ fieldname }) => fieldname))
  const hasValue = (field: string): boolean =>
    columns.includes(field) && !secret.has(field) && Object.hasOwn(plain, field)
  const unknown = fields.find((field) => field !== '*' && !hasValue(field))
  if (unknown !== undefined)
    throw new ValidationError(`${doctype} has no field "${unknown.slice(0, 60)}" to query.`)
  const asked = fields.includes('*') ? Object.keys(plain).filter(hasValue) : fields
  return Object.fromEntries(asked.map((field) => [field, plain[field]]))
}

export const getCount = defineMethod({
  name: 'frappe.client.get_count',
  summary: 'How many documents the caller may read that fit.',
  aliases: ['frappe.desk.reportview.get_count'],
  input: Type.Object({ doctype: DocTypeName, filters: Loose, parent: Type.Optional(Type.String()) }),
  async handler({ doctype, filters, parent }, ctx) {
    const fields = [{ COUNT: '*', as: 'total' }]
    const [row] = await ctx.getList(doctype, { fields, filters: filtersArg(filters), ...under(parent) })
    return Number(row?.total ?? 0)
  },
})

export const getSingleValue = defineMethod({
  name: 'frappe.client.get_single_value',
  summary: 'A value of a Single.',
  input: Type.Object({ doctype: DocTypeName, field: Type.String({ minLength: 1 }) }),
  async handler({ doctype, field }, ctx) {
    if (!ctx.meta(doctype).isSingle)
      throw new ValidationError(`${doctype} is no single document: ask frappe.client.get_value.`)
    return (await singleValues(ctx, doctype, [field]))[field]
  },
})

export const hasPermission = defineMethod({
  name: 'frappe.client.has_permission',
  summary: 'Whether the caller may; no for a document that is hidden from them, or not there.',
  input: Type.Object({
    doctype: DocTypeName,
    docname: Type.Optional(Name),
    perm_type: Type.Union(
      PERMISSION_TYPES.map((type) => Type.Literal(type)),
      { default: 'read' },
    ),
  }),
  async handler({ doctype, docname, perm_type }, ctx) {
    const may =
      docname === undefined
        ? await ctx.hasPermission(doctype, perm_type)
        : await mayWithDoc(ctx, doctype, String(docname), perm_type)
    return { has_permission: may }
  },
})

async function mayWithDoc(
  ctx: Context,
  doctype: string,
  name: string,
  ptype: PermissionType,
): Promise<boolean> {
  if (ctx.meta(doctype).isTable && ptype !== 'read') return false
  try {
    const doc = await visibleDoc(ctx, doctype, name, 'read')
    return ctx.meta(doctype).isTable || (await ctx.hasPermission(doctype, ptype, doc))
  } catch (error) {
    if (error instanceof DeskError) return false
    throw error
  }
}

export const getDocPermissions = defineMethod({
  name: 'frappe.client.get_doc_permissions',
  summary: 'Every right, 1 or 0, that the caller has on a document that they may read.',
  input: Type.Object({ doctype: DocTypeName, docname: Name }),
  async handler({ doctype, docname }, ctx) {
    const doc = await visibleDoc(ctx, doctype, String(docname), 'read')
    const rights: Partial<Record<PermissionType, 0 | 1>> = {}
    for (const type of PERMISSION_TYPES) rights[type] = (await ctx.hasPermission(doctype, type, doc)) ? 1 : 0
    return { permissions: rights }
  },
})

export const validateLink = defineMethod({
  name: 'frappe.client.validate_link',
  summary:
    'The linked document’s name, where the caller may choose it, with values of it that they may read.',
  input: Type.Object({ doctype: DocTypeName, docname: Name, fields: Loose }),
  async handler({ doctype, docname, fields }, ctx) {
    const name = String(docname)
    if (ctx.meta(doctype).isSingle) return { name: null }
    const query = { filters: [['name', '=', name]], limit_page_length: 1 }
    const [found] = await ctx.getList(doctype, { ...query, fields: ['name'], permission: 'select' })
    if (!found) return { name: null }
    const asked = fields === undefined ? [] : fieldsArg(fields)
    if (asked.length === 0) return { name: found.name }
    try {
      const [values] = await ctx.getList(doctype, { ...query, fields: asked })
      return { ...values, name: found.name }
    } catch (error) {
      if (error instanceof PermissionError) return { name: found.name }
      throw error
    }
  },
})
