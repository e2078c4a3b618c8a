import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { DoesNotExistError, PermissionError, ValidationError } from '../errors.ts'
import { defineMethod } from '../method.ts'
import { CUSTOM_RULES } from '../permissions/custom-rules.ts'
import { rulesFor } from '../permissions/permissions.ts'
import { PERMISSION_TYPES } from '../permissions/rules.ts'

const path = 'frappe.core.page.permission_manager.permission_manager'
const DocType = Type.String({ minLength: 1, maxLength: 140 })
const Role = Type.String({ minLength: 1, maxLength: 140 })
const Level = Type.Integer({ minimum: 0, maximum: 9, default: 0 })

async function checkManager(ctx: Context): Promise<void> {
  if ((await ctx.roles()).has('System Manager')) return
  throw new PermissionError('Permissions are for System Managers to change.')
}

export const getPermissions = defineMethod({
  name: `${path}.get_permissions`,
  summary: 'The rules that hold for a DocType, or for all; one row a role and level, as DocPerm.',
  input: Type.Object({ doctype: Type.Optional(DocType), role: Type.Optional(Role) }),
  async handler({ doctype, role }, ctx) {
    await checkManager(ctx)
    const metas = doctype
      ? [ctx.meta(doctype)]
      : [...ctx.site.registry.metas()].filter((meta) => !meta.isTable)
    const rows = await Promise.all(
      metas.map(async (meta) => (await rulesFor(ctx, meta)).map((rule) => ({ parent: meta.name, ...rule }))),
    )
    return rows.flat().filter((rule) => role === undefined || rule.role === role)
  },
})

export const addPermission = defineMethod({
  name: `${path}.add`,
  summary: 'Gives a role a rule of its own for a level, with the right to read.',
  writes: true,
  input: Type.Object({ parent: DocType, role: Role, permlevel: Level }),
  async handler({ parent, role, permlevel }, ctx) {
    await checkManager(ctx)
    await customise(ctx, parent)
    if (await findRule(ctx, parent, role, permlevel))
      throw new ValidationError(`${role} has a rule for level ${String(permlevel)} of ${parent} already.`)
    await ctx.insert('Custom DocPerm', { parent_doctype: parent, role, permlevel, read: 1 })
  },
})

export const updatePermission = defineMethod({
  name: `${path}.update`,
  summary: 'Sets or takes one right of a role.',
  writes: true,
  input: Type.Object({
    doctype: DocType,
    role: Role,
    permlevel: Level,
    ptype: Type.String(),
    value: Type.Union([Type.Literal(0), Type.Literal(1), Type.Boolean()], { default: 0 }),
  }),
  async handler({ doctype, role, permlevel, ptype, value }, ctx) {
    await checkManager(ctx)
    if (ptype !== 'if_owner' && !(PERMISSION_TYPES as readonly string[]).includes(ptype))
      throw new ValidationError(`"${ptype}" is no right. Rights are ${PERMISSION_TYPES.join(', ')}.`)
    await customise(ctx, doctype)
    const name = await findRule(ctx, doctype, role, permlevel)
    if (!name) throw noRule(doctype, role, permlevel)
    const rule = await ctx.getDoc('Custom DocPerm', name)
    rule.set(ptype, value ? 1 : 0)
    await rule.save()
    await checkSomebodyIsLeft(ctx, doctype)
  },
})

export const removePermission = defineMethod({
  name: `${path}.remove`,
  summary: 'Takes a role’s rule away.',
  writes: true,
  input: Type.Object({ doctype: DocType, role: Role, permlevel: Level }),
  async handler({ doctype, role, permlevel }, ctx) {
    await checkManager(ctx)
    await customise(ctx, doctype)
    const name = await findRule(ctx, doctype, role, permlevel)
    if (!name) throw noRule(doctype, role, permlevel)
    await (await ctx.getDoc('Custom DocPerm', name)).delete()
    await checkSomebodyIsLeft(ctx, doctype)
  },
})

export const resetPermissions = defineMethod({
  name: `${path}.reset`,
  summary: 'Back to the rules of the DocType’s JSON.',
  writes: true,
  input: Type.Object({ doctype: DocType }),
  async handler({ doctype }, ctx) {
    await checkManager(ctx)
    await ctx
      .db('tabCustom DocPerm')
      .where({ parent_doctype: ctx.meta(doctype).name })
      .delete()
    ctx.invalidate(CUSTOM_RULES)
  },
})

/** Copies the rules of a DocType's JSON, for the first change to them. */
async function customise(ctx: Context, doctype: string): Promise<void> {
  const meta = ctx.meta(doctype)
  if (meta.isTable)
    throw new ValidationError(`${doctype} is a child table: the rules of its parent hold for it.`)
  const has = await ctx
    .db('tabCustom DocPerm')
    .where({ parent_doctype: doctype })
    .first<{ name: string } | undefined>('name')
  if (has) return
  for (const rule of meta.permissions) {
    // The Role may be one that an app has not brought yet; its rule waits for it.
    await ctx.insert('Custom DocPerm', { read: 0, ...rule, parent_doctype: doctype }, { ignoreLinks: true })
  }
}

async function findRule(ctx: Context, parent_doctype: string, role: string, permlevel: number) {
  const row = await ctx
    .db('tabCustom DocPerm')
    .where({ parent_doctype, role, permlevel })
    .first<{ name: string } | undefined>('name')
  return row?.name
}

/** Without any rule the ones of the JSON would hold again, which nobody asked for. */
async function checkSomebodyIsLeft(ctx: Context, doctype: string): Promise<void> {
  const left = await ctx
    .db('tabCustom DocPerm')
    .where({ parent_doctype: doctype, permlevel: 0, read: 1 })
    .first<{ name: string } | undefined>('name')
  if (left) return
  throw new ValidationError(
    `Nobody could read ${doctype} any more. Leave one role the right to read, or reset the rules.`,
  )
}

const noRule = (doctype: string, role: string, permlevel: number): Error =>
  new DoesNotExistError(`${role} has no rule for level ${String(permlevel)} of ${doctype}.`)
