import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import { DeskError } from '../errors.ts'
import { visibleDoc } from '../permissions/access.ts'

/** The document that a file belongs to. */
export interface Attachment {
  doctype: string
  name: string
}

/** What a row, or a document in memory, says about it. */
export function attachmentOf(row: {
  readonly attached_to_doctype?: unknown
  readonly attached_to_name?: unknown
}): Attachment | null {
  const { attached_to_doctype: doctype, attached_to_name: name } = row
  return typeof doctype === 'string' && doctype !== '' && typeof name === 'string' && name !== ''
    ? { doctype, name }
    : null
}

export const isSame = (a: Attachment | null, b: Attachment | null): boolean =>
  a?.doctype === b?.doctype && a?.name === b?.name

/** Whether the caller may do this with the document; one that is hidden, missing or of no known DocType: no. */
export async function mayWithAttached(
  ctx: Context,
  { doctype, name }: Attachment,
  ptype: 'read' | 'write',
): Promise<boolean> {
  // A File attached to a File would ask itself.
  if (doctype === 'File') return false
  try {
    await visibleDoc(ctx, doctype, name, ptype)
    return true
  } catch (error) {
    if (error instanceof DeskError) return false
    throw error
  }
}

/** A document is deleted: its attachments go with it. */
export async function deleteAttachments(doc: Document, ctx: Context): Promise<void> {
  for (const name of await attachmentsOf(ctx, doc.doctype, doc.name)) {
    const file = await ctx.getDoc('File', name)
    await file.delete({ ignorePermissions: true })
  }
}

/** Names of the files of a document. The column may find `cr-1` for `CR-1`, too. */
async function attachmentsOf(ctx: Context, doctype: string, name: string): Promise<string[]> {
  if (doctype === 'File') return []
  const rows = await ctx
    .db('tabFile')
    .where({ attached_to_doctype: doctype, attached_to_name: name })
    .orderBy('creation')
    .select<{ name: string; attached_to_name: string }[]>('name', 'attached_to_name')
  return rows.filter((row) => row.attached_to_name === name).map((row) => row.name)
}
