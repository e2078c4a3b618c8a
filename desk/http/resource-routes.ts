import type { FastifyInstance, FastifyRequest } from 'fastify'
import { jsonArg, listDocuments } from '../api/list-args.ts'
import type { Context } from '../context.ts'
import { checkMethod, docMethod, findDocMethod } from '../document/doc-method.ts'
import { assignValues } from '../document/load.ts'
import { withoutNulls } from '../document/plain.ts'
import { PermissionError, ValidationError } from '../errors.ts'
import type { Meta } from '../meta/meta.ts'
import { plainFor, savedWithParent, visibleDoc } from '../permissions/access.ts'
import type { PermissionType } from '../permissions/permissions.ts'
import { GUEST } from '../permissions/roles.ts'
import { sanitizeGuestArgs } from '../sanitize.ts'
import type { Site } from '../site/site.ts'
import { queryArg, readArgs, type Args } from './args.ts'
import { checkCsrf, identify } from './identify.ts'

interface Params {
  doctype: string
  '*'?: string
}

/** What a request does: the right that its DocType must give to a guest, and whether it needs a transaction. */
interface Action {
  ptype: PermissionType
  writes: boolean
  run: (ctx: Context, params: Params, args: Args) => Promise<unknown>
}

const list: Action = { ptype: 'read', writes: false, run: listDocs }
const create: Action = { ptype: 'create', writes: true, run: createDoc }
const read: Action = { ptype: 'read', writes: false, run: readDoc }
const readSingle: Action = { ptype: 'read', writes: false, run: listOrSingle }
const update: Action = { ptype: 'write', writes: true, run: updateDoc }
const remove: Action = { ptype: 'delete', writes: true, run: removeDoc }

/** `/api/resource/<DocType>[/<name>]` (frappe-contract.md §1); the name is the rest of the path and may hold `/`. */
export function resourceRoutes(server: FastifyInstance, site: Site): void {
  const answer = async (request: FastifyRequest, action: Action): Promise<{ data?: unknown }> => {
    const args = readArgs(request)
    const caller = await identify(site, request)
    checkCsrf(site, request, caller, args)
    const params = request.params as Params
    const work = async (ctx: Context): Promise<unknown> => {
      if (ctx.user !== GUEST) return await action.run(ctx, params, args)
      await checkGuest(ctx, params.doctype, action.ptype)
      return await action.run(ctx, params, action.writes ? await sanitizeGuestArgs(args) : args)
    }
    const data = await (action.writes ? site.write(caller.identity, work) : site.read(caller.identity, work))
    return data === null || data === undefined ? {} : { data }
  }
  /** With `run_method` in the arguments, a method of the document instead. */
  const orMethod = (request: FastifyRequest, otherwise: Action | undefined): Action => {
    const name = queryArg(request, 'run_method') ?? readArgs(request).run_method
    if (typeof name === 'string' && name !== '') return methodAction(site, request, name)
    if (otherwise) return otherwise
    throw new ValidationError('To change a document, send PUT; to run a method of it, name it in run_method.')
  }
  for (const base of ['/api/resource', '/api/v1/resource']) {
    server.get(`${base}/:doctype`, (request) => answer(request, list))
    server.get(`${base}/:doctype/`, (request) => answer(request, readSingle))
    for (const end of ['', '/']) server.post(`${base}/:doctype${end}`, (request) => answer(request, create))
    const named = `${base}/:doctype/*`
    server.get(named, (request) => answer(request, orMethod(request, read)))
    server.post(named, (request) => answer(request, orMethod(request, undefined)))
    server.put(named, (request) => answer(request, update))
    server.delete(named, async (request, reply) => reply.status(202).send(await answer(request, remove)))
  }
}

/** Guests get what the rules give to their role, and of the rest not even whether it exists. */
async function checkGuest(ctx: Context, doctype: string, ptype: PermissionType): Promise<void> {
  const known = ctx.site.registry.findMeta(doctype) !== undefined
  if (!known || !(await ctx.hasPermission(doctype, ptype))) throw new PermissionError('Log in first.')
}

function nameOf(params: Params): string {
  return (params['*'] ?? '').replace(/\/$/, '')
}

async function listDocs(ctx: Context, { doctype }: Params, args: Args): Promise<unknown> {
  return await listDocuments(ctx, doctype, args)
}

/** `/api/resource/<DocType>/`: what frappe-js-sdk asks for a Single, which needs no name. */
async function listOrSingle(ctx: Context, params: Params, args: Args): Promise<unknown> {
  const isSingle = ctx.meta(params.doctype).isSingle
  return isSingle ? readDoc(ctx, { ...params, '*': params.doctype }) : listDocs(ctx, params, args)
}

async function readDoc(ctx: Context, params: Params): Promise<unknown> {
  return withoutNulls(await plainFor(ctx, await visibleDoc(ctx, params.doctype, nameOf(params), 'read')))
}

async function createDoc(ctx: Context, { doctype }: Params, args: Args): Promise<unknown> {
  const meta = ctx.meta(doctype)
  if (meta.isTable) throw savedWithParent(doctype)
  const doc = ctx.newDoc(doctype, documentValues(meta, args))
  await doc.insert()
  return withoutNulls(await plainFor(ctx, doc))
}

async function updateDoc(ctx: Context, params: Params, args: Args): Promise<unknown> {
  const doc = await visibleDoc(ctx, params.doctype, nameOf(params), 'write')
  const values = documentValues(doc.meta, args)
  assignValues(doc, values)
  if (typeof values.modified === 'string' && values.modified !== '') doc.modified = values.modified
  await doc.save()
  return withoutNulls(await plainFor(ctx, doc))
}

async function removeDoc(ctx: Context, params: Params): Promise<unknown> {
  const doc = await visibleDoc(ctx, params.doctype, nameOf(params), 'delete')
  await doc.delete()
  return 'ok'
}

/** GET asks for the right to read the document, POST for the right to write it; the method may ask for more. */
function methodAction(site: Site, request: FastifyRequest, name: string): Action {
  const { doctype } = request.params as Params
  const isPost = request.method === 'POST'
  const ptype = isPost ? 'write' : 'read'
  return {
    ptype,
    writes: isPost && (findDocMethod(site.registry, doctype, name)?.writes ?? false),
    run: async (ctx, params, args) => {
      const doc = await visibleDoc(ctx, doctype, nameOf(params), ptype)
      const method = docMethod(site.registry, doctype, name)
      if (method.writes && !isPost)
        throw new PermissionError(`${name} does not take ${request.method}; send it as POST.`)
      await checkMethod(doc, method)
      return await method.call(doc, args, ctx)
    },
  }
}

/** A document's values: the arguments themselves, or a JSON object in the form field `data`. */
function documentValues(meta: Meta, args: Args): Args {
  if (args.data === undefined || meta.field('data')) return args
  const values = jsonArg(args.data, 'data')
  if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values as Args
  throw new ValidationError('data must be a JSON object with the fields of the document.')
}
