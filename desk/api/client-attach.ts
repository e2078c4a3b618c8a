import { Type } from 'typebox'
import { ValidationError } from '../errors.ts'
import { checkCreation } from '../files/creation.ts'
import { checkAllowedType } from '../files/save.ts'
import { defineMethod } from '../method.ts'
import { plainFor, visibleDoc } from '../permissions/access.ts'
import { DocTypeName, Name } from './names.ts'

/** Strict base64: what Buffer would skip over is refused. */
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/

export const attachFile = defineMethod({
  name: 'frappe.client.attach_file',
  summary:
    'Attaches content to a document that the caller may write; in `docfield`, if it is named, the document gets the file’s address. Public unless `is_private`, as in Frappe. For what is large use `upload_file`.',
  writes: true,
  input: Type.Object({
    filename: Type.String({ minLength: 1 }),
    filedata: Type.String(),
    doctype: DocTypeName,
    docname: Name,
    folder: Type.Optional(Type.String()),
    decode_base64: Type.Boolean({ default: false }),
    is_private: Type.Boolean({ default: false }),
    docfield: Type.Optional(Type.String()),
  }),
  async handler(args, ctx) {
    const { filename, filedata, doctype, docfield, folder } = args
    const doc = await visibleDoc(ctx, doctype, String(args.docname), 'write')
    if (docfield !== undefined && !/^Attach( Image)?$/.test(doc.meta.field(docfield)?.fieldtype ?? ''))
      throw new ValidationError(`${doctype} has no field "${docfield.slice(0, 60)}" for a file.`)
    if (args.decode_base64 && !BASE64.test(filedata)) throw new ValidationError('filedata must be base64.')
    await checkCreation(ctx, { doctype, name: doc.name })
    const file = await ctx.saveFile({
      name: filename,
      content: Buffer.from(filedata, args.decode_base64 ? 'base64' : 'utf8'),
      isPrivate: args.is_private,
      attachedTo: { doctype, name: doc.name, field: docfield ?? null },
      ...(folder ? { folder } : {}),
    })
    await checkAllowedType(ctx, file.text('content_type'))
    if (docfield !== undefined) {
      doc.set(docfield, file.text('file_url'))
      await doc.save()
    }
    return await plainFor(ctx, file)
  },
})
