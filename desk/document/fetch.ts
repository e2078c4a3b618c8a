import { ValidationError } from '../errors.ts'
import type { DocField } from '../meta/doctype.ts'
import type { Document } from './document.ts'
import { readSingle } from './single.ts'
import { textOf } from './text.ts'

/** Fields of one document that take their values from the document which one of its links names. */
interface Fetch {
  doc: Document
  target: string
  fields: { to: string; from: string }[]
}

/**
 * `fetch_from`: sets each field that is taken from a linked document, where the link has a value; with
 * `fetch_if_empty` only where it has none itself. One statement per linked DocType, none where nothing is fetched.
 * @throws ValidationError where the linked DocType has no such field
 */
export async function fetchValues(doc: Document): Promise<void> {
  const wanted = new Map<string, Fetch[]>()
  collect(doc, wanted)
  const { ctx } = doc
  for (const [doctype, fetches] of wanted) {
    const meta = ctx.site.registry.findMeta(doctype)
    if (!meta || meta.isVirtual) continue
    const from = [...new Set(fetches.flatMap(({ fields }) => fields.map((field) => field.from)))]
    const unknown = from.find((name) => !meta.columns().includes(name) || isSecret(meta.field(name)))
    if (unknown !== undefined) {
      throw new ValidationError(`${doc.doctype} fetches ${doctype}.${unknown}, but there is no such field.`)
    }
    const names = [...new Set(fetches.map(({ target }) => target))]
    const rows: Record<string, unknown>[] = meta.isSingle
      ? [await readSingle(ctx, meta)]
      : await ctx
          .db(meta.table)
          .whereIn('name', names)
          .select([...new Set(['name', ...from])])
    const byName = new Map(rows.map((row) => [String(row.name).toLowerCase(), row]))
    for (const { doc: to, target, fields } of fetches) {
      const row = byName.get(target.toLowerCase())
      if (row) for (const field of fields) to.set(field.to, row[field.from] ?? null)
    }
  }
}

const isSecret = (field: DocField | undefined): boolean => field?.fieldtype === 'Password'

function collect(doc: Document, wanted: Map<string, Fetch[]>): void {
  const links = new Map<string, Fetch['fields']>()
  for (const field of doc.meta.fetchFields) {
    const [link = '', from = ''] = (field.fetch_from ?? '').split('.').map((part) => part.trim())
    if (field.fetch_if_empty === 1 && hasValue(doc.get(field.fieldname))) continue
    links.set(link, [...(links.get(link) ?? []), { to: field.fieldname, from }])
  }
  for (const [link, fields] of links) {
    const field = doc.meta.field(link)
    const target = textOf(doc, link)
    if (!field || target === '') continue
    const doctype = field.fieldtype === 'Dynamic Link' ? textOf(doc, field.options ?? '') : field.options
    if (doctype) wanted.set(doctype, [...(wanted.get(doctype) ?? []), { doc, target, fields }])
  }
  for (const table of doc.meta.tableFields)
    for (const row of doc.children(table.fieldname)) if (row.meta.fetchFields.length > 0) collect(row, wanted)
}

const hasValue = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== '' && value !== 0
