import { queryRows } from '../db/rows.ts'
import type { Context } from '../context.ts'
import { DoesNotExistError, ValidationError } from '../errors.ts'
import type { DocField } from '../meta/doctype.ts'
import type { Meta } from '../meta/meta.ts'
import { defaultValues } from './defaults.ts'
import { Document, isCovered } from './document.ts'
import { readSingle } from './single.ts'
import { refuseVirtual } from './virtual.ts'

type Row = Record<string, unknown>

/** A document in memory only, of the DocType's controller class. */
export function blankDoc(ctx: Context, meta: Meta): Document {
  const Controller = ctx.site.registry.controller(meta.name) ?? Document
  return new Controller(ctx, meta)
}

/** A document that is not stored yet: defaults, then the given values of known fields; child rows become documents. */
export function newDoc(ctx: Context, doctype: string, values: Row): Document {
  const meta = ctx.meta(doctype)
  const doc = blankDoc(ctx, meta)
  for (const [key, value] of Object.entries(defaultValues(meta, ctx))) doc.set(key, value)
  assignValues(doc, values)
  return doc
}

/** Sets known fields from outside; standard fields other than `name` and `modified` are not taken. */
export function assignValues(doc: Document, values: Row): void {
  const { meta, ctx } = doc
  if (typeof values.name === 'string' && doc.isNew) doc.name = values.name
  for (const { fieldname } of meta.valueFields)
    if (Object.hasOwn(values, fieldname)) doc.set(fieldname, values[fieldname])
  for (const { fieldname } of meta.virtualFields) {
    const isComputed = fieldname in doc && !Object.hasOwn(doc, fieldname) && !isCovered(fieldname)
    if (Object.hasOwn(values, fieldname) && !isComputed) doc.set(fieldname, values[fieldname])
  }
  for (const field of meta.tableFields) {
    if (!Object.hasOwn(values, field.fieldname)) continue
    const existing = new Map(doc.children(field.fieldname).map((row) => [row.name, row]))
    const rows = childValues(field, values[field.fieldname])
    doc.set(
      field.fieldname,
      rows.map((row) => {
        const known = typeof row.name === 'string' ? existing.get(row.name) : undefined
        if (!known) return newDoc(ctx, field.options ?? '', { ...row, name: undefined })
        existing.delete(known.name)
        assignValues(known, row)
        return known
      }),
    )
  }
}

/** Rows as a client sends them: a list of objects, or its JSON in a form. @throws ValidationError */
function childValues(field: DocField, value: unknown): Row[] {
  const rows: unknown = typeof value === 'string' ? parseRows(value) : (value ?? [])
  const isRow = (row: unknown): row is Row => typeof row === 'object' && row !== null && !Array.isArray(row)
  if (Array.isArray(rows) && rows.every(isRow)) return rows
  throw new ValidationError(`${field.label ?? field.fieldname} must be a list of rows.`)
}

function parseRows(text: string): unknown {
  try {
    return text.trim() === '' ? [] : JSON.parse(text)
  } catch {
    return text
  }
}

/** @throws DoesNotExistError */
export async function getDoc(
  ctx: Context,
  doctype: string,
  name: string,
  options?: LoadOptions,
): Promise<Document> {
  const doc = blankDoc(ctx, ctx.meta(doctype))
  await loadRow(doc, name, options)
  return doc
}

export interface LoadOptions {
  /** Who else wants to change the document waits for the end of this transaction. */
  forUpdate?: boolean
}

/** Reads a document's row and child rows into it. */
export async function loadRow(doc: Document, name: string, { forUpdate }: LoadOptions = {}): Promise<void> {
  const { ctx, meta } = doc
  refuseVirtual(meta)
  // On SQLite a transaction that writes is alone anyway.
  const lock = forUpdate && ctx.kind === 'mariadb' ? ' for update' : ''
  const row = meta.isSingle
    ? await readSingle(ctx, meta, lock !== '')
    : (
        await queryRows<Row>(ctx.db, ctx.kind, `select * from \`${meta.table}\` where name = ?${lock}`, [
          name,
        ])
      )[0]
  // MariaDB's collation finds `cr-1` and `CR-1 ` too: the name itself is the document's alone.
  if (!row || (!meta.isSingle && String(row.name) !== name)) throw notFound(meta, name)
  fill(doc, row)
  for (const field of meta.tableFields) {
    const childMeta = ctx.meta(field.options ?? '')
    const rows = await ctx
      .db(childMeta.table)
      .where({ parent: doc.name, parenttype: meta.name, parentfield: field.fieldname })
      .orderBy('idx')
      .select<Row[]>()
    doc.set(
      field.fieldname,
      rows.map((child) => fill(blankDoc(ctx, childMeta), child)),
    )
  }
  if (meta.tableFields.length > 0) doc.markRowsStored()
}

/** Takes a row over as it is stored. */
export function fill(doc: Document, row: Row): Document {
  for (const [key, value] of Object.entries(row)) doc.set(key, value)
  // A number in the table, where the database numbers documents; a name all the same.
  if (doc.meta.isNumbered) doc.name = String(row.name)
  doc.markStored(row)
  return doc
}

export function notFound(meta: Meta, name: string): Error {
  return new DoesNotExistError(`${meta.name} ${name.slice(0, 140)} not found.`)
}

/** As `getDoc` finds it: by the name itself, where MariaDB's collation would find others, too. */
export async function existsDoc(ctx: Context, doctype: string, name: string): Promise<boolean> {
  const meta = ctx.meta(doctype)
  if (meta.isSingle) return name === meta.name
  refuseVirtual(meta)
  const found = await ctx.db(meta.table).where({ name }).first<Row | undefined>('name')
  return found !== undefined && String(found.name) === name
}
