import type { Context } from '../context.ts'
import {
  DoesNotExistError,
  DuplicateEntryError,
  InvalidNameError,
  PermissionError,
  ValidationError,
} from '../errors.ts'
import type { DocField } from '../meta/doctype.ts'
import type { Meta } from '../meta/meta.ts'
import { ADMINISTRATOR, GUEST, ROLES } from '../permissions/roles.ts'
import { endSessionsOf } from '../site/sessions.ts'
import type { Document } from './document.ts'
import { runEvent } from './events.ts'
import { duplicateKey } from './insert.ts'
import { nameProblem, namingRule } from './naming.ts'
import { removeSecrets } from './secrets.ts'

export interface RenameOptions {
  /** Gives the document up for the one that has the new name: links to it lead there from now on. */
  merge?: boolean
  /** Also where the DocType does not allow it. */
  force?: boolean
  /** For the server's own decisions: whoever calls has been checked already. */
  ignorePermissions?: boolean
}

/** A rename that is under way. */
export interface Renaming {
  readonly from: string
  /** `before_rename` may set another. */
  to: string
  readonly merge: boolean
}

/** See `Context.renameDoc`. */
export async function renameDoc(
  ctx: Context,
  doctype: string,
  from: string,
  to: string,
  options: RenameOptions,
): Promise<string> {
  const meta = ctx.meta(doctype)
  if (meta.isSingle || meta.isTable)
    throw new ValidationError(
      `${doctype} is a ${meta.isTable ? 'child table' : 'single document'}: it has no name of its own.`,
    )
  const doc = await ctx.getDoc(doctype, from)
  const renaming: Renaming = { from, to: to.trim(), merge: options.merge ?? false }
  await checkAllowed(doc, options)
  doc.markRenaming(renaming)
  await runEvent(doc, 'before_rename')
  if (renaming.to === from) throw new ValidationError(`${doctype} ${from} has that name already.`)
  const problem = nameProblem(renaming.to)
  if (problem) throw new InvalidNameError(problem)
  if (doctype === 'User') checkUserNames(renaming)
  await checkTarget(ctx, meta, renaming)
  try {
    if (renaming.merge) await giveUp(doc)
    else await moveRow(doc, renaming.to)
    for (const other of ctx.site.registry.metas()) await moveLinks(ctx, meta, other, renaming)
    await moveNotes(ctx, doctype, renaming)
    if (doctype === 'User') await moveUser(ctx, renaming)
  } catch (error) {
    throw duplicateKey(error, meta)
  }
  const renamed = await ctx.getDoc(doctype, renaming.to)
  renamed.markRenaming(renaming)
  await runEvent(renamed, 'after_rename')
  ctx.noticeUpdate(doctype, from, renamed.modified)
  ctx.noticeUpdate(doctype, renamed.name, renamed.modified)
  return renamed.name
}

async function checkAllowed(
  doc: Document,
  { force, ignorePermissions, merge }: RenameOptions,
): Promise<void> {
  const { ctx, doctype, name, meta } = doc
  if (ignorePermissions) return
  const needed = merge ? (['write', 'delete'] as const) : (['write'] as const)
  for (const ptype of needed) {
    if (!(await ctx.hasPermission(doctype, ptype, doc)))
      throw new PermissionError(`You may not rename ${doctype} ${name}.`)
  }
  if (!force && !meta.allowsRename)
    throw new ValidationError(`${doctype} cannot be renamed: its DocType does not allow it (allow_rename).`)
}

async function checkTarget(ctx: Context, meta: Meta, { from, to, merge }: Renaming): Promise<void> {
  const found = await ctx.db(meta.table).where({ name: to }).forUpdate().pluck<string[]>('name')
  // MariaDB finds names that differ in case alone: one's own may be set right.
  const other = found.find((name) => name !== from)
  if (merge && other === undefined)
    throw new DoesNotExistError(`${meta.name} ${to} not found: choose one that is there to merge into.`)
  if (merge || other === undefined) return
  throw new DuplicateEntryError(`${meta.name} ${to} already exists. Choose another name, or merge the two.`)
}

async function moveRow(doc: Document, to: string): Promise<void> {
  const { ctx, meta, name } = doc
  const rule = namingRule(meta.autoname)
  await ctx
    .db(meta.table)
    .where({ name })
    .update({ name: to, ...(rule.by === 'field' ? { [rule.field]: to } : {}) })
  for (const field of meta.tableFields) {
    const child = ctx.meta(field.options ?? '')
    await ctx.db(child.table).where({ parent: name, parenttype: meta.name }).update({ parent: to })
  }
  await ctx.db('__Auth').where({ doctype: meta.name, name }).update({ name: to })
}

/** The document goes, with its rows and secrets; what links to it is moved by the caller. */
async function giveUp(doc: Document): Promise<void> {
  const { ctx, meta, name } = doc
  for (const field of meta.tableFields) {
    const child = ctx.meta(field.options ?? '')
    const rows = ctx.db(child.table).where({ parent: name, parenttype: meta.name })
    if (child.passwordFields.length > 0)
      await removeSecrets(ctx, child, await rows.clone().pluck<string[]>('name'))
    await rows.delete()
  }
  await ctx.db(meta.table).where({ name }).delete()
  await removeSecrets(ctx, meta, [name])
}

/** Every field of another DocType that may hold the document's name. */
async function moveLinks(ctx: Context, meta: Meta, other: Meta, renaming: Renaming): Promise<void> {
  if (other.isVirtual) return
  for (const field of other.linkFields) {
    const isDynamic = field.fieldtype === 'Dynamic Link'
    if (!isDynamic && field.options !== meta.name) continue
    if (other.isSingle) await moveInSingle(ctx, meta, other, field, renaming)
    else {
      await ctx
        .db(other.table)
        .where(field.fieldname, renaming.from)
        .modify((query) => {
          if (isDynamic) void query.where(field.options ?? '', meta.name)
        })
        .update({ [field.fieldname]: renaming.to })
    }
  }
}

async function moveInSingle(
  ctx: Context,
  meta: Meta,
  other: Meta,
  field: DocField,
  { from, to }: Renaming,
): Promise<void> {
  if (field.fieldtype === 'Dynamic Link') {
    const target = await ctx.getValue(other.name, other.name, field.options ?? '')
    if (target !== meta.name) return
  }
  await ctx
    .db('tabSingles')
    .where({ doctype: other.name, field: field.fieldname, value: from })
    .update({ value: to })
}

/** Fields that name a document by two texts, without being links. */
const NOTES = [
  ['Version', 'ref_doctype', 'docname'],
  ['File', 'attached_to_doctype', 'attached_to_name'],
] as const

async function moveNotes(ctx: Context, doctype: string, { from, to }: Renaming): Promise<void> {
  for (const [note, doctypeField, nameField] of NOTES) {
    const meta = ctx.site.registry.findMeta(note)
    if (!meta?.field(nameField)) continue
    await ctx
      .db(meta.table)
      .where({ [doctypeField]: doctype, [nameField]: from })
      .update({ [nameField]: to })
  }
}

function checkUserNames(renaming: Renaming): void {
  renaming.to = renaming.to.toLowerCase()
  if ([ADMINISTRATOR, GUEST].includes(renaming.from))
    throw new PermissionError(`${renaming.from} cannot be renamed.`)
  if (!renaming.merge && !/^[^\s@<>"']+@[^\s@<>"']+$/.test(renaming.to))
    throw new ValidationError(`"${renaming.to}" is not an e-mail address.`)
}

/** As Frappe: what the user owned and changed last stays theirs; they log in anew under the new name. */
async function moveUser(ctx: Context, { from, to }: Renaming): Promise<void> {
  for (const meta of ctx.site.registry.metas()) {
    if (meta.isSingle || meta.isVirtual) continue
    for (const field of ['owner', 'modified_by'])
      await ctx
        .db(meta.table)
        .where({ [field]: from })
        .update({ [field]: to })
  }
  await endSessionsOf(ctx, from)
  ctx.invalidate(ROLES)
}
