import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import { assignValues } from '../document/load.ts'
import { standardColumns, childColumns } from '../meta/meta.ts'
import { DeskError, ValidationError } from '../errors.ts'
import { defineMethod } from '../method.ts'
import { plainFor, savedWithParent, visibleDoc } from '../permissions/access.ts'
import { jsonArg, objectArg, objectsArg } from './list-args.ts'
import { AnyValue, DocTypeName, Name } from './names.ts'

type Values = Record<string, unknown>

const MOST_AT_ONCE = 200
const FIXED: readonly string[] = [...standardColumns, ...childColumns, 'doctype']

function text(values: Values, key: string): string {
  const value = values[key]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function doctypeOf(values: Values): string {
  const doctype = text(values, 'doctype')
  if (doctype === '') throw new ValidationError('A document needs its "doctype".')
  return doctype
}

/** The parent of a child row that the caller may change, and the row in it. */
async function rowInParent(
  ctx: Context,
  doctype: string,
  name: string,
): Promise<{ parent: Document; row: Document }> {
  const found = await visibleDoc(ctx, doctype, name, 'read')
  const parent = await visibleDoc(ctx, found.parenttype ?? '', found.parent ?? '', 'write')
  const row = parent.children(found.parentfield ?? '').find((one) => one.name === name)
  if (!row) throw savedWithParent(doctype)
  return { parent, row }
}

export const setValue = defineMethod({
  name: 'frappe.client.set_value',
  summary:
    'Sets one field, or several at once (`fieldname` as an object), and saves; a child row by its parent.',
  writes: true,
  input: Type.Object({
    doctype: DocTypeName,
    name: Name,
    fieldname: Type.Union([Type.String({ minLength: 1 }), Type.Object({}, { additionalProperties: true })]),
    value: Type.Optional(AnyValue),
  }),
  async handler({ doctype, name, fieldname, value }, ctx) {
    const given = jsonArg(fieldname, 'fieldname')
    const values = typeof given === 'string' ? { [given]: value ?? null } : objectArg(given, 'fieldname')
    checkFields(ctx, doctype, values)
    if (ctx.meta(doctype).isTable) {
      const { parent, row } = await rowInParent(ctx, doctype, String(name))
      assignValues(row, values)
      return await plainFor(ctx, await parent.save())
    }
    const doc = await visibleDoc(ctx, doctype, String(name), 'write')
    assignValues(doc, values)
    return await plainFor(ctx, await doc.save())
  },
})

function checkFields(ctx: Context, doctype: string, values: Values): void {
  const meta = ctx.meta(doctype)
  for (const field of Object.keys(values)) {
    if (FIXED.includes(field)) throw new ValidationError(`${field} cannot be set: it is kept by the system.`)
    if (!meta.field(field)) throw new ValidationError(`${doctype} has no field "${field.slice(0, 60)}".`)
  }
}

/** A new document; a child row goes into its parent, which is what comes back. */
async function insertOne(ctx: Context, values: Values): Promise<Document> {
  const doctype = doctypeOf(values)
  if (!ctx.meta(doctype).isTable) return await ctx.insert(doctype, values)
  const [parenttype, name, parentfield] = ['parenttype', 'parent', 'parentfield'].map((key) =>
    text(values, key),
  )
  if (!parenttype || !name || !parentfield)
    throw new ValidationError(`A row of ${doctype} needs parenttype, parent and parentfield.`)
  const parent = await visibleDoc(ctx, parenttype, name, 'write')
  const field = parent.meta.tableFields.find((one) => one.fieldname === parentfield)
  if (field?.options !== doctype)
    throw new ValidationError(`${parenttype} has no table "${parentfield.slice(0, 60)}" of ${doctype}.`)
  parent.append(parentfield, { ...values, name: undefined })
  return await parent.save()
}

export const insert = defineMethod({
  name: 'frappe.client.insert',
  summary: 'Inserts a document, or a row into a document’s table; answers with the document.',
  writes: true,
  input: Type.Object({ doc: Type.Unknown() }),
  handler: async ({ doc }, ctx) => await plainFor(ctx, await insertOne(ctx, objectArg(doc, 'doc'))),
})

export const insertMany = defineMethod({
  name: 'frappe.client.insert_many',
  summary: 'Inserts several documents, all of them or none; answers with their names.',
  writes: true,
  input: Type.Object({ docs: Type.Unknown() }),
  async handler({ docs }, ctx) {
    const all = objectsArg(docs, 'docs')
    if (all.length > MOST_AT_ONCE)
      throw new ValidationError(`At most ${String(MOST_AT_ONCE)} documents can be inserted at once.`)
    const names: string[] = []
    for (const values of all) names.push((await insertOne(ctx, values)).name)
    return names
  },
})

/** Inserts a document without a name, else changes the stored one by the fields that are sent. */
async function saveOne(ctx: Context, values: Values): Promise<Document> {
  const doctype = doctypeOf(values)
  const meta = ctx.meta(doctype)
  const name = meta.isSingle ? doctype : text(values, 'name')
  if (name === '' || values.__islocal) return await insertOne(ctx, values)
  const { doc, changed } = meta.isTable
    ? await rowInParent(ctx, doctype, name).then(({ parent, row }) => ({ doc: parent, changed: row }))
    : await visibleDoc(ctx, doctype, name, 'write').then((found) => ({ doc: found, changed: found }))
  assignValues(changed, values)
  if (doc === changed && text(values, 'modified') !== '') doc.modified = text(values, 'modified')
  return await doc.save()
}

/** @throws TimestampMismatchError where the `modified` that is sent is not the stored one */
export const save = defineMethod({
  name: 'frappe.client.save',
  summary: 'Saves a document as it is sent; refused where the `modified` that is sent is not the stored one.',
  writes: true,
  input: Type.Object({ doc: Type.Unknown() }),
  handler: async ({ doc }, ctx) => await plainFor(ctx, await saveOne(ctx, objectArg(doc, 'doc'))),
})

export const saveDocs = defineMethod({
  name: 'frappe.desk.form.save.savedocs',
  summary: 'The document as a form sends it, into `docs` of the answer, as Frappe’s forms read it.',
  writes: true,
  input: Type.Object({ doc: Type.Unknown(), action: Type.String({ default: 'Save' }) }),
  async handler({ doc, action }, ctx) {
    if (action !== 'Save') throw notSupported(action)
    ctx.replyDocs(await plainFor(ctx, await saveOne(ctx, objectArg(doc, 'doc'))))
  },
})

export const bulkUpdate = defineMethod({
  name: 'frappe.client.bulk_update',
  summary:
    'Changes several documents (`doctype`, `docname` and the fields), each by itself: those that were refused come back with the reason, the others are saved.',
  writes: true,
  input: Type.Object({ docs: Type.Unknown() }),
  async handler({ docs }, ctx) {
    const failed: { doc: Values; exc: string }[] = []
    for (const doc of objectsArg(docs, 'docs')) {
      try {
        await ctx.attempt(() => updateOne(ctx, doc))
      } catch (error) {
        if (!(error instanceof DeskError)) throw error
        failed.push({ doc, exc: `frappe.exceptions.${error.excType}: ${error.message}` })
      }
    }
    return { failed_docs: failed }
  },
})

async function updateOne(ctx: Context, { docname, ...values }: Values): Promise<void> {
  const name = text({ docname }, 'docname')
  if (name === '') throw new ValidationError('A document to be changed needs its "docname".')
  await saveOne(ctx, { ...values, __islocal: undefined, name })
}

export const renameDoc = defineMethod({
  name: 'frappe.client.rename_doc',
  summary:
    'Renames; `merge` moves everything that links to it onto a document that exists. Answers with the new name.',
  aliases: ['frappe.rename_doc', 'frappe.model.rename_doc.rename_doc'],
  writes: true,
  input: Type.Object({
    doctype: DocTypeName,
    old_name: Type.Optional(Name),
    new_name: Type.Optional(Name),
    /** As `frappe.rename_doc` calls them. */
    old: Type.Optional(Name),
    new: Type.Optional(Name),
    merge: Type.Boolean({ default: false }),
  }),
  async handler({ doctype, old_name, new_name, merge, ...also }, ctx) {
    const from = old_name ?? also.old
    const to = new_name ?? also.new
    if (from === undefined || to === undefined) throw new ValidationError('Send old_name and new_name.')
    return await renameVisible(ctx, doctype, String(from), String(to), merge)
  },
})

/** Renames what the caller may write, and merges only into what they may write. @returns the new name */
export async function renameVisible(
  ctx: Context,
  doctype: string,
  from: string,
  to: string,
  merge: boolean,
): Promise<string> {
  await visibleDoc(ctx, doctype, from, 'write')
  if (merge) await visibleDoc(ctx, doctype, to, 'write')
  return await ctx.renameDoc(doctype, from, to, { merge })
}

export const deleteDoc = defineMethod({
  name: 'frappe.client.delete',
  summary: 'Deletes a document; a child row by saving its parent without it.',
  aliases: ['frappe.client.delete_doc'],
  writes: true,
  verbs: ['DELETE', 'POST'],
  input: Type.Object({ doctype: DocTypeName, name: Name }),
  async handler({ doctype, name }, ctx) {
    if (!ctx.meta(doctype).isTable) {
      await (await visibleDoc(ctx, doctype, String(name), 'delete')).delete()
      return
    }
    const { parent, row } = await rowInParent(ctx, doctype, String(name))
    const field = row.parentfield ?? ''
    parent.set(
      field,
      parent.children(field).filter((one) => one !== row),
    )
    await parent.save()
  },
})

const notSupported = (what: string): Error =>
  new ValidationError(
    `${what} is not supported here: documents of this desk are not submitted, cancelled or amended.`,
  )

const unsupported = (name: string, writes: boolean) =>
  defineMethod({
    name: `frappe.client.${name}`,
    summary: 'What Frappe has for documents that are submitted, which this desk has not: refused.',
    writes,
    input: Type.Object({}),
    handler: () => {
      throw notSupported(name)
    },
  })

export const submit = unsupported('submit', true)
export const cancel = unsupported('cancel', true)
export const isDocumentAmended = unsupported('is_document_amended', false)
