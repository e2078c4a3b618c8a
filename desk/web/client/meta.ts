import type { DocField, DocTypeJson } from '../../meta/doctype.ts'

export type { DocField }

/** A document as it travels: fields by name, child tables as arrays of documents. */
export type Doc = Record<string, unknown>

export interface Permissions {
  read: boolean
  write: boolean
  create: boolean
  delete: boolean
}

/** What the generic list and form need to know of a DocType. */
export interface Meta extends DocTypeJson {
  /** Metas of the child DocTypes that its Table fields name. */
  children: ReadonlyMap<string, DocTypeJson>
  rights: Permissions
}

/** The answer of `frappe.desk.form.load.getdoctype`. */
export interface DocTypeAnswer {
  docs: readonly DocTypeJson[]
  permissions: Readonly<Partial<Record<keyof Permissions, number | boolean>>>
}

/** Joins a DocType, its children and the user's rights. Throws when the answer holds no DocType. */
export function metaFrom(answer: DocTypeAnswer): Meta {
  const [main, ...children] = answer.docs
  if (!main) throw new Error('The server sent no DocType.')
  const { read, write, create, delete: remove } = answer.permissions
  return {
    ...main,
    children: new Map(children.map((child) => [child.name, child])),
    rights: { read: Boolean(read), write: Boolean(write), create: Boolean(create), delete: Boolean(remove) },
  }
}

/** The field whose value names a document for people, if it is not `name` itself. */
export function titleField(meta: DocTypeJson): DocField | undefined {
  const { title_field: title } = meta
  return title && title !== 'name' ? meta.fields.find((field) => field.fieldname === title) : undefined
}

/** What to call a document: its title, else its name. */
export function titleOf(meta: DocTypeJson, doc: Doc): string {
  const title = titleField(meta)
  const value = title ? doc[title.fieldname] : undefined
  if (typeof value === 'string' && value.trim()) return value
  return typeof doc.name === 'string' || typeof doc.name === 'number' ? String(doc.name) : ''
}

export function labelOf(field: DocField): string {
  if (field.label) return field.label
  const words = field.fieldname.replaceAll('_', ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
