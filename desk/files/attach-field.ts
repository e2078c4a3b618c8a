import type { Context } from '../context.ts'

/** The field of a document that shows a file follows the file's URL, as in Frappe; the document is not saved anew. */
export async function pointFieldTo(
  ctx: Context,
  file: {
    attached_to_doctype: string | null
    attached_to_name: string | null
    attached_to_field: string | null
  },
  from: string,
  to: string,
): Promise<void> {
  const meta = ctx.site.registry.findMeta(file.attached_to_doctype ?? '')
  const field = meta?.valueFields.find(({ fieldname }) => fieldname === file.attached_to_field)
  if (!meta || meta.isVirtual || !field?.fieldtype.startsWith('Attach')) return
  if (meta.isSingle) {
    await ctx
      .db('tabSingles')
      .where({ doctype: meta.name, field: field.fieldname, value: from })
      .update({ value: to })
  } else {
    await ctx
      .db(meta.table)
      .where({ name: file.attached_to_name, [field.fieldname]: from })
      .update({ [field.fieldname]: to })
  }
}
