import { LinkExistsError, PermissionError, ValidationError } from '../errors.ts'
import type { DocField } from '../meta/doctype.ts'
import type { Meta } from '../meta/meta.ts'
import { USER_PERMISSIONS } from '../permissions/user-permissions.ts'
import type { Document } from './document.ts'
import { runEvent } from './events.ts'
import type { InsertOptions } from './insert.ts'
import { removeSecrets } from './secrets.ts'
import { textOf } from './text.ts'

/** Deletes a document with its child rows. @throws LinkExistsError while another document links to it */
export async function deleteDoc(doc: Document, options: InsertOptions = {}): Promise<void> {
  const { ctx, meta } = doc
  if (meta.isSingle) throw new ValidationError(`${meta.name} is a single document; it cannot be deleted.`)
  if (!options.ignorePermissions && !(await ctx.hasPermission(doc.doctype, 'delete', doc))) {
    throw new PermissionError(`You may not delete ${doc.doctype} ${doc.name}.`)
  }
  await runEvent(doc, 'on_trash')
  await runEvent(doc, 'on_change')
  if (!options.ignoreLinks) await checkNotLinked(doc)
  for (const field of meta.tableFields) {
    const child = ctx.meta(field.options ?? '')
    const rows = ctx.db(child.table).where({ parent: doc.name, parenttype: meta.name })
    if (child.passwordFields.length > 0)
      await removeSecrets(ctx, child, await rows.clone().pluck<string[]>('name'))
    await rows.delete()
  }
  await ctx.db(meta.table).where({ name: doc.name }).delete()
  await removeSecrets(ctx, meta, [doc.name])
  await removeNotes(doc)
  await runEvent(doc, 'after_delete')
  ctx.noticeUpdate(doc.doctype, doc.name, ctx.now())
}

/** What is about the document alone goes with it, as in Frappe. */
async function removeNotes({ ctx, doctype, name }: Document): Promise<void> {
  await ctx.db('tabVersion').where({ ref_doctype: doctype, docname: name }).delete()
  const limits = ctx.db('tabUser Permission').where({ allow: doctype, for_value: name })
  if ((await limits.clone().delete()) > 0) ctx.invalidate(USER_PERMISSIONS)
}

/** Notes about documents, Frappe's and desk's: they do not keep one from being deleted. */
const NEVER_IN_THE_WAY = [
  'Activity Log',
  'Comment',
  'Communication',
  'DocShare',
  'Document Follow',
  'Email Queue',
  'Email Unsubscribe',
  'Error Log',
  'File',
  'ToDo',
  'User Permission',
  'Version',
  'View Log',
]

async function checkNotLinked(doc: Document): Promise<void> {
  const { ctx } = doc
  const ignored = new Set([
    ...NEVER_IN_THE_WAY,
    ...ctx.site.registry.hooks((app) => app.ignore_links_on_delete),
  ])
  for (const other of ctx.site.registry.metas()) {
    if (other.isVirtual || ignored.has(other.name)) continue
    for (const field of other.linkFields) {
      const isDynamic = field.fieldtype === 'Dynamic Link'
      if (!isDynamic && field.options !== doc.doctype) continue
      const found = other.isSingle
        ? await linkInSingle(doc, other, field)
        : await linkInTable(doc, other, field, isDynamic)
      if (found)
        throw new LinkExistsError(
          `${doc.doctype} ${doc.name} cannot be deleted: ${found} links to it (${field.label ?? field.fieldname}). Change or delete that first.`,
        )
    }
  }
}

async function linkInTable(
  doc: Document,
  other: Meta,
  field: DocField,
  isDynamic: boolean,
): Promise<string | undefined> {
  const columns = other.isTable ? ['parent as name', 'parenttype as doctype'] : ['name']
  const row = await doc.ctx
    .db(other.table)
    .where(field.fieldname, doc.name)
    .modify((query) => {
      if (isDynamic) void query.where(field.options ?? '', doc.doctype)
      if (other.name === doc.doctype) void query.whereNot('name', doc.name)
      if (other.isTable) void query.whereNot({ parent: doc.name, parenttype: doc.doctype })
    })
    .first<{ name: string | null; doctype?: string } | undefined>(columns)
  return row && (row.name === null ? `a row of ${other.name}` : `${row.doctype ?? other.name} ${row.name}`)
}

async function linkInSingle(doc: Document, other: Meta, field: DocField): Promise<string | undefined> {
  const single = await doc.ctx.getDoc(other.name, other.name)
  const target = field.fieldtype === 'Dynamic Link' ? textOf(single, field.options ?? '') : field.options
  return target === doc.doctype && textOf(single, field.fieldname) === doc.name ? other.name : undefined
}
