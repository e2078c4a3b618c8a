import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import { DoesNotExistError } from '../errors.ts'
import { narrowToReadable } from '../permissions/permissions.ts'
import { ADMINISTRATOR, GUEST } from '../permissions/roles.ts'
import { attachmentOf, isSame, mayWithAttached } from './attachment.ts'

/**
 * The `has_permission` hook of File. Public files are read by all, private ones by their owner and by those who read
 * the document that they are attached to. They are changed by their owner and by those who may write that document,
 * and attached only to what one may write. What a row is now counts, not what the caller would like it to be.
 */
export async function filePermission(doc: Document, ptype: string, ctx: Context): Promise<boolean> {
  const wished = attachmentOf({
    attached_to_doctype: doc.get('attached_to_doctype'),
    attached_to_name: doc.get('attached_to_name'),
  })
  if (ptype === 'create') return wished === null || (await mayWithAttached(ctx, wished, 'write'))
  const row = doc.stored ?? doc.plain()
  const attached = attachmentOf(row)
  if (ptype !== 'write' && ptype !== 'delete') return await mayRead(ctx, row)
  if (!(await mayChange(ctx, row))) return false
  return wished === null || isSame(wished, attached) || (await mayWithAttached(ctx, wished, 'write'))
}

type Row = Readonly<Record<string, unknown>>

async function mayRead(ctx: Context, row: Row): Promise<boolean> {
  if (row.is_private !== 1 || isOwner(ctx, row)) return true
  const attached = attachmentOf(row)
  if (attached && (await mayWithAttached(ctx, attached, 'read'))) return true
  return ctx.user === ADMINISTRATOR && !(attached && (await isStored(ctx, attached.doctype, attached.name)))
}

async function mayChange(ctx: Context, row: Row): Promise<boolean> {
  if (isOwner(ctx, row)) return true
  const attached = attachmentOf(row)
  if (attached && (await mayWithAttached(ctx, attached, 'write'))) return true
  return ctx.user === ADMINISTRATOR && !(attached && (await isStored(ctx, attached.doctype, attached.name)))
}

/** What a guest has uploaded is no guest's. */
const isOwner = (ctx: Context, row: Row): boolean => ctx.user !== GUEST && row.owner === ctx.user

/** Administrator sees what is attached to nothing; an attached file is as hidden as its document (ADR 0008). */
async function isStored(ctx: Context, doctype: string, name: string): Promise<boolean> {
  return ctx.site.registry.findMeta(doctype) !== undefined && (await ctx.exists(doctype, name))
}

/** The `permission_query_conditions` hook of File: the same rule, for lists. */
export async function narrowFiles(query: Knex.QueryBuilder, ctx: Context): Promise<void> {
  const attached = await ctx
    .db('tabFile')
    .whereNotNull('attached_to_doctype')
    .distinct()
    .pluck<string[]>('attached_to_doctype')
  const readable = await Promise.all(attached.map((doctype) => readableNames(ctx, doctype)))
  void query.where((any) => {
    void any.where('tabFile.is_private', 0).orWhere('tabFile.owner', ctx.user)
    if (ctx.user === ADMINISTRATOR) void any.orWhereNull('tabFile.attached_to_name')
    for (const one of readable) {
      if (one === null) continue
      void any.orWhere((both) => {
        void both.where('tabFile.attached_to_doctype', one.doctype)
        if (one.names) void both.whereIn('tabFile.attached_to_name', one.names)
      })
    }
  })
}

/** Which documents of a DocType the caller reads: a query over their names, or all; null for none. */
async function readableNames(
  ctx: Context,
  doctype: string,
): Promise<{ doctype: string; names: Knex.QueryBuilder | null } | null> {
  const meta = ctx.site.registry.findMeta(doctype)
  if (!meta) return ctx.user === ADMINISTRATOR ? { doctype, names: null } : null
  if (meta.isSingle) return (await ctx.hasPermission(doctype, 'read')) ? { doctype, names: null } : null
  if (meta.isTable || meta.isVirtual || doctype === 'File') return null
  const names: Knex.QueryBuilder = ctx.db(meta.table).select(`${meta.table}.name`)
  return (await narrowToReadable(ctx, meta, names)) ? { doctype, names } : null
}

/** The rows that name a content of the site. The column may find other cases of its letters, too. */
export async function rowsOfUrl(
  ctx: Context,
  url: string,
  { lock = false } = {},
): Promise<{ name: string; is_private: 0 | 1 }[]> {
  const query = ctx.db('tabFile').where({ file_url: url }).orderBy('creation')
  if (lock) void query.forUpdate()
  const rows = await query.select<{ name: string; file_url: string; is_private: 0 | 1 }[]>(
    'name',
    'file_url',
    'is_private',
  )
  return rows.filter((row) => row.file_url === url)
}

/** A File with that URL that the caller may read; `fid` picks it. */
export async function readableFile(
  ctx: Context,
  url: string,
  { fid, lock = false }: { fid?: string | undefined; lock?: boolean } = {},
): Promise<Document | null> {
  if (!(await ctx.hasPermission('File', 'read'))) return null
  for (const { name } of await rowsOfUrl(ctx, url, { lock })) {
    if (fid !== undefined && name !== fid) continue
    const doc = await getUnlessGone(ctx, name)
    if (doc && (await ctx.hasPermission('File', 'read', doc))) return doc
  }
  return null
}

async function getUnlessGone(ctx: Context, name: string): Promise<Document | null> {
  try {
    return await ctx.getDoc('File', name)
  } catch (error) {
    if (error instanceof DoesNotExistError) return null
    throw error
  }
}
