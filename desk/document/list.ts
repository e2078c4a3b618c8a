import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import { PermissionError, ValidationError } from '../errors.ts'
import type { Meta } from '../meta/meta.ts'
import { narrowToReadable } from '../permissions/permissions.ts'
import { fieldAccess } from '../permissions/levels.ts'
import { applyFilters, column, parseFilters, type MayAsk } from './filters.ts'
import {
  applySelection,
  parseFields,
  parseOrder,
  type ListField,
  type Order,
  type Selected,
} from './selection.ts'
import { refuseVirtual } from './virtual.ts'

/** A list as Frappe's `/api/resource` and frappe.client ask for it. */
export interface ListQuery {
  fields?: readonly ListField[]
  /** Rows that are the same are listed once. */
  distinct?: boolean
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
  /** For a Link field that User Permissions do not touch; the rules of roles and hooks hold all the same. */
  ignoreUserPermissions?: boolean
  ignorePermissions?: boolean
}

export type ListRow = Record<string, unknown>

/** Documents of a DocType that the caller may read. @throws PermissionError, ValidationError */
export async function getList(ctx: Context, doctype: string, query: ListQuery): Promise<ListRow[]> {
  return await (
    await buildQuery(ctx, doctype, query)
  ).select
}

/** The same as lists of values, in the order of `fields`. */
export async function getListOfValues(ctx: Context, doctype: string, query: ListQuery): Promise<unknown[][]> {
  const { select, selected } = await buildQuery(ctx, doctype, query)
  return (await select).map((row) => selected.map(({ key }) => row[key]))
}

interface Built {
  select: Knex.QueryBuilder<ListRow, ListRow[]>
  selected: readonly Selected[]
}

async function buildQuery(ctx: Context, doctype: string, query: ListQuery): Promise<Built> {
  const meta = ctx.meta(doctype)
  if (meta.isSingle) throw new ValidationError(`${doctype} is a single document; it has no list.`)
  refuseVirtual(meta)
  const select: Knex.QueryBuilder<ListRow, ListRow[]> = ctx.db(meta.table)
  const may = query.ignorePermissions ? undefined : await narrowed(ctx, meta, query, select)
  applyFilters(select, meta, parseFilters(ctx, meta, query.filters, may))
  applyFilters(select, meta, parseFilters(ctx, meta, query.or_filters, may), true)
  const selected = parseFields(meta, query.fields ?? ['name'], may ?? (() => true))
  applySelection(select, meta, selected)
  if (query.group_by)
    void select.groupBy(query.group_by.split(',').map((field) => `${meta.table}.${column(meta, field, may)}`))
  if (query.distinct) void select.distinct()
  for (const { by, direction } of orderOf(meta, query, selected, may)) void select.orderBy(by, direction)
  const length = query.limit_page_length ?? 20
  if (length > 0) void select.limit(length).offset(Math.max(0, query.limit_start ?? 0))
  return { select, selected }
}

/** A list of single documents is in the DocType's order; of groups, only in one that is asked for. */
function orderOf(
  meta: Meta,
  query: ListQuery,
  selected: readonly Selected[],
  may: MayAsk | undefined,
): Order[] {
  const asked = query.order_by ?? ''
  if (/\S/.test(asked)) return parseOrder(meta, asked, selected, may ?? (() => true))
  const groups = query.group_by ?? query.distinct ?? selected.some(({ by }) => by !== null)
  return groups ? [] : parseOrder(meta, `${meta.sortField} ${meta.sortOrder}`, selected, () => true)
}

/** Narrows the query to what the caller may read. @returns the fields that they may ask about */
async function narrowed(
  ctx: Context,
  meta: Meta,
  query: ListQuery,
  select: Knex.QueryBuilder,
): Promise<MayAsk> {
  await narrow(ctx, meta, query, select)
  return await fieldAccess(ctx, meta.isTable && query.parent ? ctx.meta(query.parent) : meta, 'read')
}

async function narrow(ctx: Context, meta: Meta, query: ListQuery, select: Knex.QueryBuilder): Promise<void> {
  const refused = (): Error => new PermissionError(`You may not read ${meta.name}.`)
  if (!meta.isTable) {
    if (!(await narrowToReadable(ctx, meta, select, query.permission, !query.ignoreUserPermissions)))
      throw refused()
    return
  }
  const parent = query.parent ? ctx.site.registry.findMeta(query.parent) : undefined
  if (!parent?.tableFields.some((field) => field.options === meta.name)) {
    throw new ValidationError(`${meta.name} is a child table: name its parent DocType in "parent".`)
  }
  const parents = await readableParents(ctx, parent)
  if (!parents) throw refused()
  const may = await fieldAccess(ctx, parent, 'read')
  const tables = parent.tableFields.filter((field) => field.options === meta.name && may(field))
  void select
    .where(`${meta.table}.parenttype`, parent.name)
    .whereIn(
      `${meta.table}.parentfield`,
      tables.map((field) => field.fieldname),
    )
    .whereIn(`${meta.table}.parent`, parents.names)
}

/** The names of the documents that the caller may read; null where that is nothing at all. */
async function readableParents(
  ctx: Context,
  parent: Meta,
): Promise<{ names: Knex.QueryBuilder | string[] } | null> {
  refuseVirtual(parent)
  if (parent.isSingle) {
    const doc = await ctx.getDoc(parent.name, parent.name)
    return (await ctx.hasPermission(parent.name, 'read', doc)) ? { names: [parent.name] } : null
  }
  const names: Knex.QueryBuilder = ctx.db(parent.table).select(`${parent.table}.name`)
  return (await narrowToReadable(ctx, parent, names)) ? { names } : null
}
