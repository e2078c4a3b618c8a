import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import { PermissionError, ValidationError } from '../errors.ts'
import { checkCreation, type Target } from '../files/creation.ts'
import { guestsMayUpload } from '../files/guests.ts'
import { checkAllowedType, saveFile } from '../files/save.ts'
import { defineMethod } from '../method.ts'
import { plainFor, visibleDoc } from '../permissions/access.ts'
import { GUEST } from '../permissions/roles.ts'

const input = Type.Object({
  /** Absent: public, as in Frappe. */
  is_private: Type.Boolean({ default: false }),
  folder: Type.Optional(Type.String()),
  doctype: Type.Optional(Type.String()),
  docname: Type.Optional(Type.String()),
  fieldname: Type.Optional(Type.String()),
  /** Instead of a file: one elsewhere (http, https), or one of the site that the caller may read. */
  file_url: Type.Optional(Type.String()),
  file_name: Type.Optional(Type.String()),
  /** Instead of a file: the name of a File that the caller may read. */
  library_file_name: Type.Optional(Type.String()),
  /** Taken, and without effect: pictures are stored as they come. */
  optimize: Type.Optional(Type.Boolean()),
  /** Another method that gets the call, with its form and file. */
  method: Type.Optional(Type.String()),
})

export const uploadFile = defineMethod({
  name: 'upload_file',
  summary:
    'Stores the form’s `file`, or names one that exists, as a new File, attached to a document that one may write.',
  aliases: ['frappe.handler.upload_file'],
  writes: true,
  verbs: ['POST'],
  allowGuest: true,
  files: 1,
  input,
  async handler(args, ctx) {
    if (ctx.user === GUEST && !(await guestsMayUpload(ctx))) throw new PermissionError('Log in first.')
    if (args.method)
      throw new ValidationError('"method" needs a form (multipart/form-data) that holds the file.')
    const attachedTo = await attachment(ctx, args)
    const [upload] = ctx.uploads
    const folder = args.folder ? { folder: args.folder } : {}
    if (upload) {
      await checkCreation(ctx, attachedTo)
      const doc = await saveFile(ctx, {
        name: args.file_name ?? upload.name,
        content: upload,
        isPrivate: args.is_private,
        attachedTo,
        ...folder,
      })
      await checkAllowedType(ctx, doc.text('content_type'))
      return await answer(ctx, doc)
    }
    const url = args.library_file_name ? await libraryUrl(ctx, args.library_file_name) : args.file_url
    if (!url)
      throw new ValidationError('Send a file in the form field "file", or the address of one in "file_url".')
    await checkCreation(ctx, attachedTo, url)
    const doc = ctx.newDoc('File', {
      file_url: url,
      file_name: args.file_name ?? null,
      attached_to_doctype: attachedTo.doctype,
      attached_to_name: attachedTo.name,
      attached_to_field: attachedTo.field,
      ...folder,
    })
    return await answer(ctx, await doc.insert({ ignorePermissions: true }))
  },
})

interface FieldTarget extends Target {
  field: string | null
}

/** @throws DoesNotExistError, PermissionError unless the caller may write the document that the file is for */
async function attachment(
  ctx: Context,
  { doctype, docname, fieldname }: { doctype?: string; docname?: string; fieldname?: string },
): Promise<FieldTarget> {
  if (!doctype) {
    if (docname) throw new ValidationError('"docname" needs "doctype".')
    return { doctype: null, name: null, field: null }
  }
  const target = { doctype, name: docname ?? null, field: fieldname ?? null }
  if (docname) await visibleDoc(ctx, doctype, docname, 'write')
  else if (!(await ctx.hasPermission(doctype, 'write'))) {
    throw new PermissionError(`You may not write ${doctype}. Ask an administrator for a role that may.`)
  }
  return target
}

async function libraryUrl(ctx: Context, name: string): Promise<string> {
  return (await visibleDoc(ctx, 'File', name, 'read')).text('file_url')
}

/** A guest does not read File, but is told what became of the upload. */
async function answer(ctx: Context, doc: Document): Promise<Record<string, unknown>> {
  return ctx.user === GUEST ? doc.plain() : await plainFor(ctx, doc)
}
