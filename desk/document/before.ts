import type { DocField } from '../meta/doctype.ts'
import type { Document, Stored, StoredRow } from './document.ts'
import { blankDoc, fill } from './load.ts'
import { castValue } from './values.ts'

/** The document as the database held it. */
export function fromStored(doc: Document, { row, rows }: Stored): Document {
  const { ctx, meta } = doc
  const before = fill(blankDoc(ctx, meta), row)
  for (const { fieldname, options } of meta.tableFields) {
    const child = ctx.meta(options ?? '')
    before.set(
      fieldname,
      (rows[fieldname] ?? []).map((one) => fill(blankDoc(ctx, child), one)),
    )
  }
  before.markRowsStored()
  return before
}

/** Whether a field, or a child table, holds something else than it did. */
export function differs(doc: Document, fieldname: string, before: Stored): boolean {
  const table = doc.meta.tableFields.find((field) => field.fieldname === fieldname)
  if (!table) return !sameValue(doc.meta.field(fieldname), before.row[fieldname], doc.get(fieldname))
  return rowsDiffer(doc, fieldname, before.rows[fieldname] ?? [])
}

function rowsDiffer(doc: Document, fieldname: string, before: readonly StoredRow[]): boolean {
  const rows = doc.children(fieldname)
  return (
    rows.length !== before.length ||
    rows.some((row, i) => {
      const was = before[i]
      if (was?.name !== row.name) return true
      return row.meta.valueFields.some(
        (field) => !sameValue(field, was[field.fieldname], row.get(field.fieldname)),
      )
    })
  )
}

/** Compares in the form of the column: before a save a value may still be as it was sent. */
export function sameValue(field: DocField | undefined, was: unknown, is: unknown): boolean {
  if (was === is) return true
  if (!field) return (was ?? null) === (is ?? null)
  try {
    return (castValue(field, was) ?? '') === (castValue(field, is) ?? '')
  } catch {
    return false
  }
}
