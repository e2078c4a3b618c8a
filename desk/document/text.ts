import type { Document } from './document.ts'

/** A field's value as text, empty where it has none; also for a document with a field called `text`. */
export function textOf(doc: Document, fieldname: string): string {
  const value = doc.get(fieldname)
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
