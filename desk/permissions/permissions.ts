import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import type { DocPerm } from '../meta/doctype.ts'
import type { Meta } from '../meta/meta.ts'
import { ADMINISTRATOR } from './roles.ts'

export type PermissionType = 'read' | 'write' | 'create' | 'delete' | 'select' | 'report' | 'export'

export type Grant = 'all' | 'own' | 'none'

/** What the role rules of permlevel 0 give: every document, only one's own (if_owner), or none. */
export function roleGrant(
  rules: readonly DocPerm[],
  roles: ReadonlySet<string>,
  ptype: PermissionType,
): Grant {
  const matching = rules.filter(
    (rule) => (rule.permlevel ?? 0) === 0 && roles.has(rule.role) && rule[ptype] === 1,
  )
  if (matching.some((rule) => rule.if_owner !== 1)) return 'all'
  return matching.length > 0 ? 'own' : 'none'
}

async function grantFor(ctx: Context, meta: Meta, ptype: PermissionType): Promise<Grant> {
  if (ctx.user === ADMINISTRATOR) return 'all'
  return roleGrant(meta.permissions, await ctx.roles(), ptype)
}

/**
 * Whether the caller may do this with documents of the DocType, or with this one. A hook of an app can only deny,
 * and does so for Administrator too.
 */
export async function hasPermission(
  ctx: Context,
  meta: Meta,
  ptype: PermissionType,
  doc?: Document,
): Promise<boolean> {
  const grant = await grantFor(ctx, meta, ptype)
  if (grant === 'none') return false
  if (!doc) return true
  if (grant === 'own' && doc.owner !== ctx.user) return false
  for (const hook of ctx.site.registry.hasPermissionHooks(meta.name)) {
    if (!(await hook(doc, ptype, ctx))) return false
  }
  return true
}

/** Narrows a query over the DocType's table to what the caller may read; false where that is nothing at all. */
export async function narrowToReadable(ctx: Context, meta: Meta, query: Knex.QueryBuilder): Promise<boolean> {
  const grant = await grantFor(ctx, meta, 'read')
  if (grant === 'none') return false
  if (grant === 'own') void query.where(`${meta.table}.owner`, ctx.user)
  for (const hook of ctx.site.registry.queryConditionHooks(meta.name)) await hook(query, ctx)
  return true
}
