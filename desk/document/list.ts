import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import { PermissionError, ValidationError } from '../errors.ts'
import type { Meta } from '../meta/meta.ts'
import { narrowToReadable } from '../permissions/permissions.ts'
import { applyFilters, column, parseFilters } from './filters.ts'

/** A list as Frappe's `/api/resource` and frappe.client ask for it. */
export interface ListQuery {
  fields?: readonly string[]
  filters?: unknown
  or_filters?: unknown
  /** `field` or `field desc`, several by comma. */
  order_by?: string
  group_by?: string
  limit_start?: number
  /** 0 = all. */
  limit_page_length?: number
  /** A child DocType is listed under the permission of this parent DocType. */
  parent?: string
  /** `select`: for a choice of documents by name, which needs less than reading them. */
  permission?: 'read' | 'select'
  ignorePermissions?: boolean
}

export type ListRow = Record<string, unknown>

/** Documents of a DocType that the caller may read. @throws PermissionError, ValidationError */
export async function getList(ctx: Context, doctype: string, query: ListQuery): Promise<ListRow[]> {
  const meta = ctx.meta(doctype)
  if (meta.isSingle) throw new ValidationError(`${doctype} is a single document; it has no list.`)
  const select: Knex.QueryBuilder = ctx.db(meta.table)
  if (!query.ignorePermissions) await narrow(ctx, meta, query, select)
  applyFilters(select, meta, parseFilters(meta, query.filters))
  applyFilters(select, meta, parseFilters(meta, query.or_filters), true)
  for (const { field, direction } of parseOrder(meta, query.order_by)) {
    void select.orderBy(`${meta.table}.${field}`, direction)
  }
  if (query.group_by)
    void select.groupBy(query.group_by.split(',').map((field) => `${meta.table}.${column(meta, field)}`))
  const length = query.limit_page_length ?? 20
  if (length > 0) void select.limit(length).offset(Math.max(0, query.limit_start ?? 0))
  return await select.select<ListRow[]>(selectColumns(meta, query.fields))
}

async function narrow(ctx: Context, meta: Meta, query: ListQuery, select: Knex.QueryBuilder): Promise<void> {
  const refused = new PermissionError(`You may not read ${meta.name}.`)
  if (!meta.isTable) {
    if (!(await narrowToReadable(ctx, meta, select, query.permission))) throw refused
    return
  }
  const parent = query.parent ? ctx.site.registry.findMeta(query.parent) : undefined
  if (!parent?.tableFields.some((field) => field.options === meta.name)) {
    throw new ValidationError(`${meta.name} is a child table: name its parent DocType in "parent".`)
  }
  const parents: Knex.QueryBuilder = ctx.db(parent.table).select(`${parent.table}.name`)
  if (!(await narrowToReadable(ctx, parent, parents))) throw refused
  void select.where(`${meta.table}.parenttype`, parent.name).whereIn(`${meta.table}.parent`, parents)
}

function selectColumns(meta: Meta, fields: readonly string[] = ['name']): string[] {
  const names = fields.includes('*')
    ? meta.columns().filter((name) => meta.field(name)?.fieldtype !== 'Password')
    : fields.map((field) => column(meta, field))
  return [...new Set(names)].map((name) => `${meta.table}.${name}`)
}

function parseOrder(meta: Meta, orderBy: string | undefined): { field: string; direction: 'asc' | 'desc' }[] {
  const asked = orderBy ?? ''
  const text = /\S/.test(asked) ? asked : `${meta.sortField} ${meta.sortOrder}`
  return text.split(',').map((part) => {
    const [, field, direction = 'asc'] = /^\s*(.+?)(?:\s+(asc|desc))?\s*$/i.exec(part) ?? []
    return { field: column(meta, field), direction: /^desc$/i.test(direction) ? 'desc' : 'asc' }
  })
}
