import type { DocField } from '../meta/doctype.ts'
import { isSqlExpression } from './checks.ts'
import { sameValue } from './before.ts'
import type { Document } from './document.ts'
import { toPlain, type PlainDoc } from './plain.ts'

type Change = [fieldname: string, old: unknown, value: unknown]

/** What a save changed, as Frappe's Version keeps it. */
export interface Diff {
  changed: Change[]
  added: [table: string, row: PlainDoc][]
  removed: [table: string, row: PlainDoc][]
  row_changed: [table: string, index: number, row: string, changed: Change[]][]
}

/** Two states of a document, compared; null where nothing differs. Passwords are left out, even as asterisks. */
export function diffOf(before: Document, after: Document): Diff | null {
  const diff: Diff = { changed: changesOf(before, after), added: [], removed: [], row_changed: [] }
  for (const { fieldname } of after.meta.tableFields) {
    const old = new Map(before.children(fieldname).map((row) => [row.name, row]))
    for (const [index, row] of after.children(fieldname).entries()) {
      const was = old.get(row.name)
      old.delete(row.name)
      if (!was) diff.added.push([fieldname, withoutPasswords(row)])
      else {
        const changed = changesOf(was, row)
        if (changed.length > 0) diff.row_changed.push([fieldname, index, row.name, changed])
      }
    }
    for (const row of old.values()) diff.removed.push([fieldname, withoutPasswords(row)])
  }
  return Object.values(diff).some((list: unknown[]) => list.length > 0) ? diff : null
}

function changesOf(before: Document, after: Document): Change[] {
  const comparable = (field: DocField): boolean =>
    field.fieldtype !== 'Password' && !isSqlExpression(after.get(field.fieldname))
  return after.meta.valueFields.filter(comparable).flatMap((field): Change[] => {
    const [old, value] = [before.get(field.fieldname) ?? null, after.get(field.fieldname) ?? null]
    return sameValue(field, old, value) ? [] : [[field.fieldname, old, value]]
  })
}

function withoutPasswords(row: Document): PlainDoc {
  const secret = new Set(row.meta.passwordFields.map(({ fieldname }) => fieldname))
  return Object.fromEntries(Object.entries(toPlain(row)).filter(([key]) => !secret.has(key)))
}

/** Writes down what this save changed, for DocTypes with `track_changes`. */
export async function keepVersion(doc: Document): Promise<void> {
  const before = doc.meta.tracksChanges ? doc.getDocBeforeSave() : null
  const diff = before && diffOf(before, doc)
  if (!diff) return
  const values = { ref_doctype: doc.doctype, docname: doc.name, data: JSON.stringify(diff) }
  await doc.ctx.insert('Version', values, { ignorePermissions: true, ignoreLinks: true })
}
