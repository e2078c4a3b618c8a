import type { Context } from '../context.ts'
import type { Meta } from '../meta/meta.ts'
import { defaultValues } from './defaults.ts'
import type { Document } from './document.ts'
import { castValue } from './values.ts'

type Row = Record<string, unknown>

/** A Single's fields from tabSingles; a field that was never saved has its default. */
export async function readSingle(ctx: Context, meta: Meta): Promise<Row> {
  const stored = await ctx
    .db('tabSingles')
    .where({ doctype: meta.name })
    .select<{ field: string; value: string | null }[]>('field', 'value')
  const row: Row = {
    ...defaultValues(meta, ctx),
    name: meta.name,
    owner: 'Administrator',
    docstatus: 0,
    idx: 0,
  }
  for (const { field: fieldname, value } of stored) {
    const field = meta.field(fieldname)
    row[fieldname] = field ? castValue(field, value) : value
  }
  const tables = new Set(meta.tableFields.map((field) => field.fieldname))
  return Object.fromEntries(Object.entries(row).filter(([key]) => !tables.has(key)))
}

/** Writes the changed fields of a Single, one row each. */
export async function writeSingle(doc: Document, values: Row): Promise<void> {
  const { ctx, meta } = doc
  const fields = Object.keys(values)
  await ctx.db('tabSingles').where({ doctype: meta.name }).whereIn('field', fields).delete()
  await ctx.db('tabSingles').insert(
    fields.map((field) => {
      const value = values[field]
      return {
        doctype: meta.name,
        field,
        value: typeof value === 'string' || typeof value === 'number' ? String(value) : null,
      }
    }),
  )
}
