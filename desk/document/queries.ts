import type { Context } from '../context.ts'
import { ValidationError } from '../errors.ts'
import type { DocField } from '../meta/doctype.ts'
import type { Meta } from '../meta/meta.ts'
import { emptyValue } from './checks.ts'
import { applyFilters, column, parseFilters } from './filters.ts'
import { getList, type ListRow } from './list.ts'
import { duplicateKey } from './insert.ts'
import { existsDoc } from './load.ts'
import { readSingle, writeSingleValues } from './single.ts'
import { castValue } from './values.ts'
import { refuseVirtual } from './virtual.ts'

/** A document's name, or filters that find documents. */
export type Which = string | Readonly<Record<string, unknown>> | readonly unknown[]

/** Names `name` exactly; the rest as `getList` takes it. */
const filtersOf = (which: Which): unknown => (typeof which === 'string' ? [['name', '=', which]] : which)

/** Rows that fit, in the DocType's order. */
export async function getValues(
  ctx: Context,
  doctype: string,
  which: Which,
  fields: readonly string[],
  limit: number,
): Promise<ListRow[]> {
  const meta = ctx.meta(doctype)
  if (meta.isSingle) return [await singleValues(ctx, meta, fields)]
  return await getList(ctx, doctype, {
    fields,
    filters: filtersOf(which),
    limit_page_length: limit,
    ignorePermissions: true,
  })
}

async function singleValues(ctx: Context, meta: Meta, fields: readonly string[]): Promise<ListRow> {
  const row = await readSingle(ctx, meta)
  return Object.fromEntries(fields.map((field) => [field, row[column(meta, field)] ?? null]))
}

export async function countDocs(ctx: Context, doctype: string, filters: unknown): Promise<number> {
  const meta = ctx.meta(doctype)
  const [row] = await getList(ctx, doctype, {
    fields: [{ COUNT: '*', as: 'total' }],
    filters: typeof filters === 'string' ? [['name', '=', filters]] : filters,
    limit_page_length: 0,
    ignorePermissions: true,
  })
  if (!row) throw new Error(`The count of ${meta.name} came back empty.`)
  return Number(row.total)
}

export async function existsWhich(ctx: Context, doctype: string, which: Which): Promise<boolean> {
  if (typeof which === 'string') return await existsDoc(ctx, doctype, which)
  return (await getValues(ctx, doctype, which, ['name'], 1)).length > 0
}

export interface SetValueOptions {
  /** False leaves `modified` and `modified_by` as they are. */
  updateModified?: boolean
}

/**
 * Writes values straight into the table, as Frappe's `db.set_value`: no controller, no hooks, no permission, no
 * Version; types and lengths are checked all the same. For Singles, `which` is not looked at.
 * @throws ValidationError for what is no plain field of the DocType
 */
export async function setValue(
  ctx: Context,
  doctype: string,
  which: Which,
  values: Readonly<Record<string, unknown>>,
  { updateModified = true }: SetValueOptions = {},
): Promise<void> {
  const meta = ctx.meta(doctype)
  const row = {
    ...columnValues(meta, values),
    ...(updateModified ? { modified: ctx.now(), modified_by: ctx.user } : {}),
  }
  if (meta.isSingle) {
    await writeSingleValues(ctx, meta, row)
    return
  }
  const filters = parseFilters(ctx, meta, filtersOf(which))
  if (filters.length === 0) throw new ValidationError('Say which documents to change: a name, or filters.')
  refuseVirtual(meta)
  const query = ctx.db(meta.table)
  applyFilters(query, meta, filters)
  try {
    await query.update(row)
  } catch (error) {
    throw duplicateKey(error, meta)
  }
}

/** Values as their columns take them. @throws ValidationError */
export function columnValues(meta: Meta, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const field = plainField(meta, name)
      return [name, castValue(field, value) ?? emptyValue(field)]
    }),
  )
}

function plainField(meta: Meta, name: string): DocField {
  const field = meta.valueFields.find(({ fieldname }) => fieldname === name)
  if (field && field.fieldtype !== 'Password') return field
  const reason = field
    ? 'holds a password, which is kept apart: set it on the document and save that'
    : 'is no field of it with a column'
  throw new ValidationError(`${meta.name}: "${name.slice(0, 60)}" ${reason}.`)
}
