import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { checkMethod, docMethod, findDocMethod } from '../document/doc-method.ts'
import type { Document } from '../document/document.ts'
import { assignValues } from '../document/load.ts'
import { PermissionError, ValidationError } from '../errors.ts'
import { defineMethod } from '../method.ts'
import { plainFor, visibleDoc } from '../permissions/access.ts'
import { restoreUnwritable } from '../permissions/levels.ts'
import { jsonArg, objectArg } from './list-args.ts'
import { Name } from './names.ts'

const input = Type.Object({
  method: Type.String({ minLength: 1 }),
  dt: Type.Optional(Type.String({ minLength: 1 })),
  dn: Type.Optional(Name),
  docs: Type.Optional(Type.Unknown()),
  args: Type.Optional(Type.Unknown()),
})

interface Asked {
  method: string
  dt?: string
  dn?: string | number
  docs?: unknown
  args?: unknown
}

/**
 * Runs a method that the document's controller declares (`static whitelisted`), on the stored document `dt`, `dn`,
 * or on `docs`, a document as a form holds it. The answer's `docs` has the document as it is afterwards.
 */
async function run(asked: Asked, ctx: Context): Promise<unknown> {
  const sent = asked.dt ? undefined : objectArg(asked.docs, 'docs')
  const doctype = asked.dt ?? textOf(sent, 'doctype')
  const doc = sent
    ? await docAsSent(ctx, doctype, sent)
    : await visibleDoc(ctx, doctype, String(asked.dn ?? doctype), 'read')
  const method = docMethod(ctx.site.registry, doctype, asked.method)
  await checkMethod(doc, method)
  const result = await method.call(doc, asked.args === undefined ? {} : objectArg(asked.args, 'args'), ctx)
  ctx.replyDocs(await plainFor(ctx, doc))
  return result
}

/** The stored document with what a form has changed in it, as far as the caller may change it; or a new one. */
async function docAsSent(ctx: Context, doctype: string, values: Record<string, unknown>): Promise<Document> {
  const name = ctx.meta(doctype).isSingle ? doctype : textOf(values, 'name')
  if (values.__islocal || name === '') {
    if (!(await ctx.hasPermission(doctype, 'create')))
      throw new PermissionError(`You may not create ${doctype}. Ask an administrator for a role that may.`)
    const doc = ctx.newDoc(doctype, values)
    await restoreUnwritable(doc)
    return doc
  }
  const doc = await visibleDoc(ctx, doctype, name, 'read')
  if (await ctx.hasPermission(doctype, 'write', doc)) {
    assignValues(doc, values)
    if (textOf(values, 'modified') !== '') doc.modified = textOf(values, 'modified')
    await restoreUnwritable(doc)
  }
  return doc
}

const textOf = (values: Record<string, unknown> | undefined, key: string): string => {
  const value = values?.[key]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

const writing = defineMethod({ name: 'run_doc_method', writes: true, input, handler: run })

export const runDocMethod = defineMethod({
  name: 'run_doc_method',
  summary: 'Calls a method that a document’s controller offers.',
  aliases: ['frappe.handler.run_doc_method'],
  input,
  variant({ method, dt, docs }, registry) {
    const doctype = typeof dt === 'string' && dt !== '' ? dt : doctypeOf(docs)
    const declared = typeof method === 'string' ? findDocMethod(registry, doctype, method) : undefined
    return declared?.writes ? writing : undefined
  },
  handler: run,
})

/** The DocType that `docs` names, where it names one. */
function doctypeOf(docs: unknown): string {
  try {
    return textOf(jsonArg(docs, 'docs') as Record<string, unknown> | undefined, 'doctype')
  } catch (error) {
    if (error instanceof ValidationError) return ''
    throw error
  }
}
