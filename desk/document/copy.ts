import type { Document } from './document.ts'
import { newDoc } from './load.ts'

type Values = Record<string, unknown>

/** A document that is not stored, with the values of another; what is not copied has its default. */
export function copyDoc(doc: Document): Document {
  return newDoc(doc.ctx, doc.doctype, copiedValues(doc))
}

function copiedValues(doc: Document): Values {
  const values: Values = {}
  for (const { fieldname, fieldtype, no_copy } of doc.meta.valueFields) {
    if (no_copy === 1 || fieldtype === 'Password' || fieldname === 'amended_from') continue
    values[fieldname] = doc.get(fieldname) ?? null
  }
  for (const { fieldname, no_copy } of doc.meta.tableFields)
    if (no_copy !== 1) values[fieldname] = doc.children(fieldname).map(copiedValues)
  return values
}
