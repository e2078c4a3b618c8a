import type { Context } from '../context.ts'
import type { DocField } from '../meta/doctype.ts'
import { fieldtypeOf } from '../meta/fieldtypes.ts'
import type { Meta } from '../meta/meta.ts'
import { emptyValue } from './checks.ts'
import { defaultValues } from './defaults.ts'

type Row = Record<string, unknown>

/** A Single's fields from tabSingles; a field that was never saved has its default. */
export async function readSingle(ctx: Context, meta: Meta, lock = false): Promise<Row> {
  const stored = await ctx
    .db('tabSingles')
    .where({ doctype: meta.name })
    .modify((query) => {
      if (lock) void query.forUpdate()
    })
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
    row[fieldname] = field ? storedValue(field, value) : value
  }
  const tables = new Set(meta.tableFields.map((field) => field.fieldname))
  return Object.fromEntries(Object.entries(row).filter(([key]) => !tables.has(key)))
}

/** Numbers come back from their text; what was stored under older rules is read all the same. */
function storedValue(field: DocField, text: string | null): unknown {
  const { value } = fieldtypeOf(field)
  const isNumber = value === 'check' || value === 'integer' || value === 'decimal'
  if (!isNumber) return text
  const number = text === null || text.trim() === '' ? NaN : Number(text)
  return Number.isFinite(number) ? number : emptyValue(field)
}

/** SQLite takes 500 rows in a statement. */
const ROWS_AT_ONCE = 200

/** Writes the changed fields of a Single, one row each. */
export async function writeSingleValues(ctx: Context, meta: Meta, values: Row): Promise<void> {
  const fields = Object.keys(values)
  await ctx.db('tabSingles').where({ doctype: meta.name }).whereIn('field', fields).delete()
  const rows = fields.map((field) => {
    const value = values[field]
    return {
      doctype: meta.name,
      field,
      value: typeof value === 'string' || typeof value === 'number' ? String(value) : null,
    }
  })
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
    await ctx.db('tabSingles').insert(rows.slice(at, at + ROWS_AT_ONCE))
}
