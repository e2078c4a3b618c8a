import { DoesNotExistError, PermissionError, TimestampMismatchError } from '../errors.ts'
import { restoreUnwritable } from '../permissions/levels.ts'
import { castFields, checkLinks, checkMandatory, checkSetOnlyOnce } from './checks.ts'
import type { Document } from './document.ts'
import { runEvent } from './events.ts'
import { fetchValues } from './fetch.ts'
import { duplicate, insertRows, prepareChild, rowOf, type InsertOptions } from './insert.ts'
import { removeSecrets, storeSecrets, takeSecrets } from './secrets.ts'
import { writeSingleValues } from './single.ts'
import { keepVersion } from './version.ts'
import { refuseVirtual } from './virtual.ts'

export type SaveOptions = InsertOptions

type Row = Record<string, unknown>

/**
 * Saves a stored document: before_validate, validate, before_save, the framework's checks, what has changed of its
 * row and its child rows, on_update, on_change.
 * @throws TimestampMismatchError when somebody else saved it since `modified`
 */
export async function saveDoc(doc: Document, options: SaveOptions = {}): Promise<void> {
  const { ctx, meta } = doc
  if (meta.isSingle) doc.name = meta.name
  if (!options.ignorePermissions && !(await ctx.hasPermission(doc.doctype, 'write', doc))) {
    throw new PermissionError(`You may not change ${doc.doctype} ${doc.name}.`)
  }
  if (!options.ignorePermissions) await restoreUnwritable(doc)
  refuseVirtual(meta)
  await checkNotChangedSince(doc)
  doc.markBefore()
  await fetchValues(doc)
  doc.modified = ctx.now()
  doc.modified_by = ctx.user
  await runEvent(doc, 'before_validate')
  await runEvent(doc, 'validate')
  await runEvent(doc, 'before_save')
  castFields(doc)
  checkMandatory(doc)
  checkSetOnlyOnce(doc)
  if (!options.ignoreLinks) await checkLinks(doc)
  const secrets = takeSecrets(doc)
  if (meta.isSingle) await updateSingle(doc)
  else await updateRow(doc)
  for (const field of meta.tableFields) await saveChildren(doc, field.fieldname, field.options ?? '')
  if (meta.tableFields.length > 0) doc.markRowsStored()
  if (secrets.length > 0) await storeSecrets(ctx, secrets)
  await runEvent(doc, 'on_update')
  if (meta.tracksChanges) await keepVersion(doc)
  await runEvent(doc, 'on_change')
  ctx.noticeUpdate(doc.doctype, doc.name, doc.modified)
}

async function checkNotChangedSince(doc: Document): Promise<void> {
  const { ctx, meta } = doc
  const stored = meta.isSingle
    ? await ctx
        .db('tabSingles')
        .where({ doctype: meta.name, field: 'modified' })
        .forUpdate()
        .first<{ modified: string | null } | undefined>('value as modified')
    : await ctx
        .db(meta.table)
        .where({ name: doc.name })
        .forUpdate()
        .first<{ modified: string | null } | undefined>('modified')
  if (!stored) {
    if (meta.isSingle) return
    throw new DoesNotExistError(`${meta.name} ${doc.name} not found.`)
  }
  if (stored.modified && doc.get('modified') && !sameInstant(stored.modified, doc.modified)) {
    throw new TimestampMismatchError(
      `${meta.name} ${doc.name} has been changed since you opened it. Reload it and make your change again.`,
    )
  }
}

/** Clients may send a time without its trailing zeros. */
const sameInstant = (a: string, b: string): boolean => normalise(a) === normalise(b)
const normalise = (time: string): string =>
  time
    .replace('T', ' ')
    .replace(/(\.\d*?)0*$/, '$1')
    .replace(/\.$/, '')

async function updateSingle(doc: Document): Promise<void> {
  const row = singleRow(doc)
  await writeSingleValues(doc.ctx, doc.meta, changedColumns(doc, row))
  doc.markStored({ ...doc.stored, ...row })
}

function singleRow(doc: Document): Row {
  const row: Row = { modified: doc.modified, modified_by: doc.modified_by }
  for (const field of doc.meta.valueFields) row[field.fieldname] = doc.get(field.fieldname) ?? null
  return row
}

function changedColumns(doc: Document, row: Row): Row {
  const { stored } = doc
  if (!stored) return row
  return Object.fromEntries(Object.entries(row).filter(([column, value]) => stored[column] !== value))
}

const FIXED = new Set(['name', 'creation', 'owner'])

async function updateRow(doc: Document): Promise<void> {
  const row = rowOf(doc)
  const changes = Object.fromEntries(
    Object.entries(changedColumns(doc, row)).filter(([column]) => !FIXED.has(column)),
  )
  if (Object.keys(changes).length > 0) {
    try {
      await doc.ctx.db(doc.meta.table).where({ name: doc.name }).update(changes)
    } catch (error) {
      throw duplicate(error, doc)
    }
  }
  doc.markStored(row)
}

async function saveChildren(doc: Document, parentfield: string, childDoctype: string): Promise<void> {
  const { ctx } = doc
  const childMeta = ctx.meta(childDoctype)
  const rows = doc.children(parentfield)
  rows.forEach((row, i) => prepareChild(row, doc, parentfield, i + 1))
  const kept = rows.filter((row) => !row.isNew)
  const gone = ctx
    .db(childMeta.table)
    .where({ parent: doc.name, parenttype: doc.doctype, parentfield })
    .whereNotIn(
      'name',
      kept.map((row) => row.name),
    )
  if (childMeta.passwordFields.length > 0)
    await removeSecrets(ctx, childMeta, await gone.clone().pluck<string[]>('name'))
  await gone.delete()
  for (const row of kept) {
    if (Object.keys(changedColumns(row, rowOf(row))).length === 0) continue
    row.modified = doc.modified
    row.modified_by = doc.modified_by
    await updateRow(row)
  }
  await insertRows(rows.filter((row) => row.isNew))
}
