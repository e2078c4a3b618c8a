import { Type } from 'typebox'
import { ValidationError } from '../errors.ts'
import { defineMethod } from '../method.ts'
import { plainFor, visibleDoc } from '../permissions/access.ts'
import { renameVisible } from './client-write.ts'
import { DocTypeName, Name } from './names.ts'

export const getDoc = defineMethod({
  name: 'frappe.desk.form.load.getdoc',
  summary: 'A document for a form, into `docs` of the answer, nulls included.',
  input: Type.Object({ doctype: DocTypeName, name: Name }),
  async handler({ doctype, name }, ctx) {
    ctx.replyDocs(await plainFor(ctx, await visibleDoc(ctx, doctype, String(name), 'read')))
  },
})

export const updateDocumentTitle = defineMethod({
  name: 'frappe.model.rename_doc.update_document_title',
  summary: 'A document’s title, its name, or both; answers with the name that it has now.',
  writes: true,
  input: Type.Object({
    doctype: DocTypeName,
    docname: Name,
    title: Type.Optional(Type.String()),
    name: Type.Optional(Name),
    merge: Type.Boolean({ default: false }),
  }),
  async handler({ doctype, docname, title, name, merge }, ctx) {
    const doc = await visibleDoc(ctx, doctype, String(docname), 'write')
    const { titleField } = doc.meta
    if (title !== undefined && titleField === undefined)
      throw new ValidationError(`${doctype} has no title to change.`)
    const renamed = name !== undefined && String(name) !== doc.name
    const now = renamed ? await renameVisible(ctx, doctype, doc.name, String(name), merge) : doc.name
    if (title !== undefined && titleField !== undefined) {
      const current = renamed ? await visibleDoc(ctx, doctype, now, 'write') : doc
      current.set(titleField, title)
      await current.save()
    }
    return now
  },
})
