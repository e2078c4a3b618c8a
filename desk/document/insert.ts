import { DuplicateKeyError } from '../db/errors.ts'
import { DuplicateEntryError, PermissionError, UniqueValidationError } from '../errors.ts'
import { restoreUnwritable } from '../permissions/levels.ts'
import type { Meta } from '../meta/meta.ts'
import { castFields, checkLinks, checkMandatory, isSqlExpression } from './checks.ts'
import type { Document } from './document.ts'
import { runEvent } from './events.ts'
import { fetchValues } from './fetch.ts'
import { insertOne } from './insert-sql.ts'
import { setName } from './name.ts'
import { namingRule } from './naming.ts'
import { saveDoc } from './save.ts'
import { storeSecrets, takeSecrets } from './secrets.ts'
import { refuseVirtual } from './virtual.ts'

export interface InsertOptions {
  /** For the server's own decisions: whoever calls has been checked already. */
  ignorePermissions?: boolean
  /** The linked documents are known to exist. */
  ignoreLinks?: boolean
  /** The name is `doc.name`, whatever the DocType's rule: a copy of a document that has one, as in fixtures. */
  keepName?: boolean
}

type Row = Record<string, unknown>

/**
 * Inserts a document through its whole life: before_insert, name, before_validate, validate, before_save, the
 * framework's own checks, the rows, after_insert, on_update, on_change.
 * @throws PermissionError, MandatoryError, LinkValidationError, DuplicateEntryError …
 */
export async function insertDoc(doc: Document, options: InsertOptions = {}): Promise<void> {
  const { ctx, meta } = doc
  if (meta.isSingle) {
    await saveDoc(doc, options)
    return
  }
  refuseVirtual(meta)
  doc.markBefore()
  const now = ctx.now()
  Object.assign(doc, {
    owner: ctx.user,
    modified_by: ctx.user,
    creation: now,
    modified: now,
    docstatus: 0,
    idx: 0,
  })
  if (!options.ignorePermissions && !(await ctx.hasPermission(doc.doctype, 'create', doc))) {
    throw new PermissionError(`You may not create ${doc.doctype}. Ask an administrator for a role that may.`)
  }
  if (!options.ignorePermissions) await restoreUnwritable(doc)
  await fetchValues(doc)
  await runEvent(doc, 'before_insert')
  await setName(doc, options.keepName)
  await runEvent(doc, 'before_validate')
  await runEvent(doc, 'validate')
  await runEvent(doc, 'before_save')
  castFields(doc)
  checkMandatory(doc)
  if (!options.ignoreLinks) await checkLinks(doc)
  const secrets = takeSecrets(doc)
  await insertRow(doc)
  for (const field of meta.tableFields) {
    const rows = doc.children(field.fieldname)
    rows.forEach((row, i) => prepareChild(row, doc, field.fieldname, i + 1))
    await insertRows(rows)
  }
  if (meta.tableFields.length > 0) doc.markRowsStored()
  if (secrets.length > 0) await storeSecrets(ctx, secrets)
  await runEvent(doc, 'after_insert')
  await runEvent(doc, 'on_update')
  await runEvent(doc, 'on_change')
  ctx.noticeUpdate(doc.doctype, doc.name, doc.modified)
}

/** Gives a child row its place under its parent. */
export function prepareChild(row: Document, parent: Document, parentfield: string, idx: number): void {
  Object.assign(row, { parent: parent.name, parenttype: parent.doctype, parentfield, idx })
  if (row.isNew) {
    Object.assign(row, {
      owner: row.get('owner') ?? parent.ctx.user,
      creation: parent.modified,
      modified: parent.modified,
      modified_by: parent.modified_by,
      docstatus: parent.docstatus,
    })
  }
}

/** The row of a document's table as it stands in memory. */
export function rowOf(doc: Document): Row {
  const row: Row = {}
  for (const column of doc.meta.columns()) {
    const value = doc.get(column)
    if (value !== undefined) row[column] = value
  }
  return row
}

async function insertRow(doc: Document): Promise<void> {
  const row = rowOf(doc)
  const computed = Object.keys(row).filter((column) => isSqlExpression(row[column]))
  try {
    const answer = await insertOne(doc.ctx, doc.meta.table, row, computed)
    for (const [column, value] of Object.entries(answer)) doc.set(column, value)
    Object.assign(row, answer)
  } catch (error) {
    throw duplicate(error, doc)
  }
  doc.markStored(row)
}

/** Databases limit the values of one statement: SQLite to 32,766 and to 500 rows. */
const ROWS_AT_ONCE = 200

/** New child rows, many to a statement. */
export async function insertRows(rows: readonly Document[]): Promise<void> {
  const [first] = rows
  if (!first) return
  for (const row of rows) await setName(row)
  try {
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      const some = rows.slice(at, at + ROWS_AT_ONCE)
      await first.ctx.db(first.meta.table).insert(some.map(rowOf))
    }
  } catch (error) {
    throw duplicate(error, first)
  }
  for (const row of rows) row.markStored(rowOf(row))
}

/** A broken unique key as the error that says which value is taken. */
export function duplicate(error: unknown, doc: Document): unknown {
  if (!(error instanceof DuplicateKeyError)) return error
  const columns = error.columns ?? []
  // The field that gives the name is often unique as well; which of the two the database meets first is its affair.
  const rule = namingRule(doc.meta.autoname)
  const isName =
    columns.includes('name') || (rule.by === 'field' && doc.isNew && columns.includes(rule.field))
  if (columns.length === 0 || isName) {
    return new DuplicateEntryError(`${doc.doctype} ${doc.name} already exists.`)
  }
  return duplicateKey(error, doc.meta)
}

/** The same, where no document is at hand. */
export function duplicateKey(error: unknown, meta: Meta): unknown {
  if (!(error instanceof DuplicateKeyError)) return error
  const labels = (error.columns ?? ['name']).map((column) => meta.field(column)?.label ?? column)
  return new UniqueValidationError(`${meta.name}: ${labels.join(', ')} must be unique; this value is taken.`)
}
