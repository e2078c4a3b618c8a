import { isCovered, type Document } from './document.ts'
import { maskOf } from './secrets.ts'
import { textOf } from './text.ts'

export type PlainDoc = Record<string, unknown>

const STANDARD = ['name', 'owner', 'creation', 'modified', 'modified_by', 'docstatus', 'idx'] as const
const CHILD = ['parent', 'parentfield', 'parenttype'] as const

/** A document as data: standard fields, its own, child tables as arrays. Of a password there are only asterisks. */
export function toPlain(doc: Document): PlainDoc {
  const { meta } = doc
  const plain: PlainDoc = { doctype: doc.doctype }
  for (const key of STANDARD) plain[key] = doc.get(key) ?? null
  if (meta.isNumbered && !doc.isNew) plain.name = Number(doc.name)
  if (meta.isTable) for (const key of CHILD) plain[key] = doc.get(key) ?? null
  for (const field of meta.valueFields) {
    plain[field.fieldname] = doc.get(field.fieldname) ?? null
  }
  for (const { fieldname, fieldtype } of meta.virtualFields)
    if (fieldtype !== 'Password') plain[fieldname] = virtualValue(doc, fieldname)
  for (const { fieldname } of meta.passwordFields) plain[fieldname] = maskOf(textOf(doc, fieldname)) || null
  for (const field of meta.tableFields) plain[field.fieldname] = doc.children(field.fieldname).map(toPlain)
  return plain
}

/** What the controller says, by a getter or a method; else what was set on the document. */
function virtualValue(doc: Document, fieldname: string): unknown {
  const value: unknown = isCovered(fieldname) ? doc.get(fieldname) : Reflect.get(doc, fieldname)
  return (typeof value === 'function' ? (Reflect.apply(value, doc, []) as unknown) : value) ?? null
}

/** Without the keys that hold null, as Frappe's v1 API answers a single document. */
export function withoutNulls(plain: PlainDoc): PlainDoc {
  const kept: PlainDoc = {}
  for (const [key, value] of Object.entries(plain)) {
    if (value === null) continue
    kept[key] = Array.isArray(value) ? value.map((row) => withoutNulls(row as PlainDoc)) : value
  }
  return kept
}
