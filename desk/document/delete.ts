import { LinkExistsError, PermissionError } from '../errors.ts'
import type { Document } from './document.ts'
import { runEvent } from './events.ts'
import type { InsertOptions } from './insert.ts'

/** Deletes a document with its child rows. @throws LinkExistsError while another document links to it */
export async function deleteDoc(doc: Document, options: InsertOptions = {}): Promise<void> {
  const { ctx, meta } = doc
  if (!options.ignorePermissions && !(await ctx.hasPermission(doc.doctype, 'delete', doc))) {
    throw new PermissionError(`You may not delete ${doc.doctype} ${doc.name}.`)
  }
  await runEvent(doc, 'on_trash')
  await runEvent(doc, 'on_change')
  if (!options.ignoreLinks) await checkNotLinked(doc)
  for (const field of meta.tableFields) {
    await ctx
      .db(ctx.meta(field.options ?? '').table)
      .where({ parent: doc.name, parenttype: meta.name })
      .delete()
  }
  await ctx.db(meta.table).where({ name: doc.name }).delete()
  await runEvent(doc, 'after_delete')
}

async function checkNotLinked(doc: Document): Promise<void> {
  const { ctx } = doc
  for (const other of ctx.site.registry.metas()) {
    if (other.isSingle) continue
    for (const field of other.linkFields) {
      if (field.fieldtype !== 'Link' || field.options !== doc.doctype) continue
      const columns = other.isTable ? ['parent as name', 'parenttype as doctype'] : ['name']
      const row = await ctx
        .db(other.table)
        .where(field.fieldname, doc.name)
        .modify((query) => {
          if (other.name === doc.doctype) void query.whereNot('name', doc.name)
          if (other.isTable) void query.whereNot({ parent: doc.name, parenttype: doc.doctype })
        })
        .first<{ name: string; doctype?: string } | undefined>(columns)
      if (row) {
        throw new LinkExistsError(
          `${doc.doctype} ${doc.name} cannot be deleted: ${row.doctype ?? other.name} ${row.name} links to it.`,
        )
      }
    }
  }
}
