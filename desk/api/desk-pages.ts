import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { PermissionError } from '../errors.ts'
import { defineMethod } from '../method.ts'
import type { Meta } from '../meta/meta.ts'

export const getDoctype = defineMethod({
  name: 'frappe.desk.form.load.getdoctype',
  summary: 'What the list and the form of a DocType need to know, with its child tables.',
  input: Type.Object({ doctype: Type.String({ minLength: 1 }) }),
  async handler({ doctype }, ctx) {
    const meta = ctx.meta(doctype)
    const permissions = await permissionsOf(ctx, meta)
    if (!Object.values(permissions).includes(1)) throw new PermissionError(`You may not read ${doctype}.`)
    const children = meta.tableFields.map((field) => ctx.meta(field.options ?? '').json)
    return { docs: [meta.json, ...children], permissions }
  },
})

async function permissionsOf(ctx: Context, meta: Meta): Promise<Record<string, 0 | 1>> {
  const kinds = ['read', 'write', 'create', 'delete'] as const
  const answers = await Promise.all(kinds.map((kind) => ctx.hasPermission(meta.name, kind)))
  return Object.fromEntries(kinds.map((kind, i) => [kind, answers[i] ? 1 : 0]))
}
