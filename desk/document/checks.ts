import type { Knex } from 'knex'
import { queryRows } from '../db/rows.ts'
import type { Context } from '../context.ts'
import type { Meta } from '../meta/meta.ts'
import type { Document } from './document.ts'
import { CannotChangeConstantError, LinkValidationError, MandatoryError } from '../errors.ts'
import type { DocField } from '../meta/doctype.ts'
import { fieldtypeOf, isNotNull } from '../meta/fieldtypes.ts'
import { castValue } from './values.ts'
import { textOf } from './text.ts'

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'string' && value.trim() === '')

/** A value that the database computes while it writes. */
export function isSqlExpression(value: unknown): value is Knex.Raw {
  return typeof value === 'object' && value !== null && 'toSQL' in value
}

/** Brings every field of the document and its rows into its column's form. @throws ValidationError */
export function castFields(doc: Document): void {
  for (const field of doc.meta.valueFields) {
    const value = doc.get(field.fieldname)
    if (value === undefined || isSqlExpression(value)) continue
    doc.set(field.fieldname, castValue(field, value) ?? emptyValue(field))
  }
  for (const field of doc.meta.tableFields) doc.children(field.fieldname).forEach(castFields)
}

/** What a field without a value holds: null where its column allows it, else 0 or no text. */
export function emptyValue(field: DocField): 0 | '' | null {
  const { zero, value } = fieldtypeOf(field)
  if (zero) return 0
  if (!isNotNull(field)) return null
  return value === 'text' ? '' : value === 'decimal' ? 0 : null
}

/** @throws MandatoryError that names every field without a value */
export function checkMandatory(doc: Document): void {
  const missing = missingFields(doc)
  if (missing.length > 0) {
    throw new MandatoryError(`${doc.doctype}: value missing for ${missing.join(', ')}.`, 'Missing Fields')
  }
}

function missingFields(doc: Document): string[] {
  const own = doc.meta.fields
    .filter((field) => field.reqd === 1 || (isNotNull(field) && emptyValue(field) === null))
    .filter((field) =>
      doc.meta.tableFields.includes(field)
        ? doc.children(field.fieldname).length === 0
        : doc.meta.valueFields.includes(field) && isEmpty(doc.get(field.fieldname)),
    )
    .map((field) => field.label ?? field.fieldname)
  const rows = doc.meta.tableFields.flatMap((table) =>
    doc
      .children(table.fieldname)
      .flatMap((row, i) =>
        missingFields(row).map((label) => `${table.label ?? table.fieldname} row ${String(i + 1)}: ${label}`),
      ),
  )
  return [...own, ...rows]
}

/**
 * Fields that are set once and then stay, in child rows that stay too.
 * @throws CannotChangeConstantError that names what was changed
 */
export function checkSetOnlyOnce(doc: Document): void {
  const { stored } = doc
  if (!stored) return
  const fixed = doc.meta.setOnlyOnceFields.filter(({ fieldname }) => doc.hasValueChanged(fieldname))
  if (fixed.length > 0) {
    const labels = fixed.map((field) => field.label ?? field.fieldname).join(', ')
    throw new CannotChangeConstantError(
      `${doc.doctype} ${doc.name}: ${labels} cannot be changed once it is saved.`,
    )
  }
}

/** One statement per linked DocType. @throws LinkValidationError that names what does not exist */
export async function checkLinks(doc: Document): Promise<void> {
  const wanted = new Map<string, Map<string, string>>()
  collectLinks(doc, wanted)
  const { ctx } = doc
  const missing: string[] = []
  for (const [doctype, links] of wanted) {
    const { registry } = ctx.site
    if (doctype === 'DocType') {
      for (const [name, label] of links) if (!registry.findMeta(name)) missing.push(`${label}: ${name}`)
      continue
    }
    const meta = registry.findMeta(doctype)
    // What has no table cannot be asked.
    if (meta?.isSingle || meta?.isVirtual) continue
    const found = meta ? await namesOf(ctx, meta, [...links.keys()]) : []
    const existing = new Set(found.map((name) => name.toLowerCase()))
    for (const [name, label] of links)
      if (!existing.has(name.toLowerCase())) missing.push(`${label}: ${name}`)
  }
  if (missing.length > 0) throw new LinkValidationError(`Could not find ${missing.join(', ')}.`)
}

/** Those of the names that exist. Written out: building the statement anew costs as much as running it. */
async function namesOf(ctx: Context, { table }: Meta, names: readonly string[]): Promise<string[]> {
  const places = names.map(() => '?').join(', ')
  const sql = `select name from \`${table}\` where name in (${places})`
  const rows = await queryRows<{ name: string | number }>(ctx.db, ctx.kind, sql, names)
  return rows.map(({ name }) => String(name))
}

function collectLinks(doc: Document, wanted: Map<string, Map<string, string>>): void {
  for (const field of doc.meta.linkFields) {
    const value = doc.get(field.fieldname)
    if (typeof value !== 'string' || value === '') continue
    if (doc.stored?.[field.fieldname] === value) continue
    const doctype =
      field.fieldtype === 'Dynamic Link' ? textOf(doc, field.options ?? '') : (field.options ?? '')
    if (doctype === '') {
      const chooser = doc.meta.field(field.options ?? '')
      throw new LinkValidationError(
        `${field.label ?? field.fieldname}: choose ${chooser?.label ?? field.options} first.`,
      )
    }
    const links = wanted.get(doctype) ?? new Map<string, string>()
    links.set(value, field.label ?? field.fieldname)
    wanted.set(doctype, links)
  }
  for (const table of doc.meta.tableFields)
    for (const row of doc.children(table.fieldname)) collectLinks(row, wanted)
}
