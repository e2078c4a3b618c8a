import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import type { DocPerm } from '../meta/doctype.ts'
import type { Meta } from '../meta/meta.ts'
import { customRules } from './custom-rules.ts'
import { ADMINISTRATOR } from './roles.ts'
import { roleGrant, type Grant, type PermissionType } from './rules.ts'
import { limitsOf } from './user-permissions.ts'

export type { PermissionType } from './rules.ts'

/** The rules of a DocType: an administrator's Custom DocPerms where there are any, else those of its JSON. */
export async function rulesFor(ctx: Context, meta: Meta): Promise<readonly DocPerm[]> {
  return (await customRules(ctx)).get(meta.name) ?? meta.permissions
}

async function grantFor(ctx: Context, meta: Meta, ptype: PermissionType): Promise<Grant> {
  if (ctx.user === ADMINISTRATOR) return 'all'
  return roleGrant(await rulesFor(ctx, meta), await ctx.roles(), ptype)
}

/** The DocTypes of a DocType's child tables. */
const childMetas = (ctx: Context, meta: Meta): Meta[] =>
  meta.tableFields.map((field) => ctx.meta(field.options ?? ''))

/**
 * Whether the caller may do this with documents of the DocType, or with this one: by role, then within the
 * caller's User Permissions (which do not touch what one has as its owner, as in Frappe), then by the apps' hooks,
 * which can only deny, and do so for Administrator too.
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
  if (grant === 'all' && !(await limitsOf(ctx)).permit(doc)) return false
  for (const hook of ctx.site.registry.hasPermissionHooks(meta.name)) {
    if (!(await hook(doc, ptype, ctx))) return false
  }
  return true
}

/**
 * Narrows a query over the DocType's table to what the caller may read; false where that is nothing at all.
 * @param limited false for a choice that User Permissions are not to touch (`ignore_user_permissions` of a Link)
 */
export async function narrowToReadable(
  ctx: Context,
  meta: Meta,
  query: Knex.QueryBuilder,
  ptype: 'read' | 'select' = 'read',
  limited = true,
): Promise<boolean> {
  const grant = await grantFor(ctx, meta, ptype)
  if (grant === 'none') return false
  if (grant === 'own') void query.where(`${meta.table}.owner`, ctx.user)
  else if (limited) (await limitsOf(ctx)).narrow(query, meta, childMetas(ctx, meta), ctx.db)
  for (const hook of ctx.site.registry.queryConditionHooks(meta.name)) await hook(query, ctx)
  return true
}

/** Whether the caller reads every document of the DocType there is; else each must be asked about. */
export async function readsAll(ctx: Context, meta: Meta): Promise<boolean> {
  if ((await grantFor(ctx, meta, 'read')) !== 'all') return false
  if (ctx.site.registry.hasPermissionHooks(meta.name).length > 0) return false
  if (ctx.site.registry.queryConditionHooks(meta.name).length > 0) return false
  return !(await limitsOf(ctx)).concern(meta, childMetas(ctx, meta))
}
