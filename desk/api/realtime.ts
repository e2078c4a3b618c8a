import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { DoesNotExistError, PermissionError, ValidationError } from '../errors.ts'
import { defineMethod } from '../method.ts'
import { visibleDoc } from '../permissions/access.ts'
import { readsAll } from '../permissions/permissions.ts'
import { docRoom, doctypeRoom } from '../realtime/rooms.ts'
import { isLiveConnection, type LiveConnection } from '../realtime/live-connection.ts'

const doctypeArgs = Type.Object({ doctype: Type.String({ minLength: 1, maxLength: 140 }) })
const docArgs = Type.Object({
  doctype: Type.String({ minLength: 1, maxLength: 140 }),
  docname: Type.String({ minLength: 1, maxLength: 140 }),
})

export const docSubscribe = defineMethod({
  name: 'frappe.realtime.doc_subscribe',
  summary: 'Hears `doc_update` of a document for as long as the caller may read it.',
  input: docArgs,
  async handler({ doctype, docname }, ctx) {
    const connection = liveConnection(ctx)
    await visibleDoc(ctx, doctype, docname, 'read')
    const { site, user } = ctx
    connection.subscribe(docRoom(doctype, docname), () =>
      site.read({ user }, (now) => mayRead(now, doctype, docname)),
    )
  },
})

export const docUnsubscribe = defineMethod({
  name: 'frappe.realtime.doc_unsubscribe',
  summary: 'Hears no more of a document.',
  input: docArgs,
  handler({ doctype, docname }, ctx) {
    liveConnection(ctx).unsubscribe(docRoom(doctype, docname))
  },
})

export const doctypeSubscribe = defineMethod({
  name: 'frappe.realtime.doctype_subscribe',
  summary: 'Hears `list_update` of the documents of a DocType that the caller may read, one by one.',
  input: doctypeArgs,
  async handler({ doctype }, ctx) {
    const connection = liveConnection(ctx)
    if (!(await ctx.hasPermission(doctype, 'read'))) throw new PermissionError(`You may not read ${doctype}.`)
    const { site, user } = ctx
    connection.subscribe(doctypeRoom(doctype), (message) =>
      site.read({ user }, (now) => mayRead(now, doctype, nameIn(message))),
    )
  },
})

export const doctypeUnsubscribe = defineMethod({
  name: 'frappe.realtime.doctype_unsubscribe',
  summary: 'Hears no more of the documents of a DocType.',
  input: doctypeArgs,
  handler({ doctype }, ctx) {
    liveConnection(ctx).unsubscribe(doctypeRoom(doctype))
  },
})

export const getUserInfo = defineMethod({
  name: 'frappe.realtime.get_user_info',
  summary: 'What Frappe’s own socket server asks for.',
  input: Type.Object({}),
  async handler(_args, ctx) {
    const roles = await ctx.roles()
    return {
      user: ctx.user,
      user_type: roles.has('Desk User') ? 'System User' : 'Website User',
      installed_apps: ctx.site.registry.apps.map(({ definition }) => definition.name),
    }
  },
})

export const hasPermission = defineMethod({
  name: 'frappe.realtime.has_permission',
  summary: 'Whether the caller may hear of a document, or of a DocType’s.',
  input: Type.Object({
    doctype: Type.String({ minLength: 1, maxLength: 140 }),
    name: Type.Optional(Type.String({ maxLength: 140 })),
  }),
  async handler({ doctype, name }, ctx) {
    if (!ctx.site.registry.findMeta(doctype)) return false
    return name ? await mayRead(ctx, doctype, name) : await ctx.hasPermission(doctype, 'read')
  },
})

/** A document that is gone is news to those who could read all of its kind; about others nobody can say any more. */
async function mayRead(ctx: Context, doctype: string, name: string | undefined): Promise<boolean> {
  if (await readsAll(ctx, ctx.meta(doctype))) return true
  if (name === undefined) return false
  try {
    await visibleDoc(ctx, doctype, name, 'read')
    return true
  } catch (error) {
    if (error instanceof DoesNotExistError || error instanceof PermissionError) return false
    throw error
  }
}

function nameIn(message: unknown): string | undefined {
  const named = typeof message === 'object' && message !== null && 'name' in message
  return named && typeof message.name === 'string' ? message.name : undefined
}

function liveConnection(ctx: Context): LiveConnection {
  const { connection } = ctx
  if (isLiveConnection(connection)) return connection
  throw new ValidationError('Subscriptions belong to a socket: call this over /realtime.')
}
