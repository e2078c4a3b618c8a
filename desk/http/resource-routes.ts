import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { assignValues } from '../document/load.ts'
import { withoutNulls } from '../document/plain.ts'
import { PermissionError, ValidationError } from '../errors.ts'
import { plainFor, savedWithParent, visibleDoc } from '../permissions/access.ts'
import { GUEST } from '../permissions/roles.ts'
import type { Site } from '../site/site.ts'
import { readArgs, type Args } from './args.ts'
import { checkCsrf, identify } from './identify.ts'

interface Params {
  doctype: string
  '*'?: string
}

/** `/api/resource/<DocType>[/<name>]` (frappe-contract.md §1); the name is the rest of the path and may hold `/`. */
export function resourceRoutes(server: FastifyInstance, site: Site): void {
  type Handler = (ctx: Context, params: Params, args: Args) => Promise<unknown>
  const run = async (request: FastifyRequest, writes: boolean, handler: Handler): Promise<unknown> => {
    const args = readArgs(request)
    const caller = await identify(site, request)
    checkCsrf(site, request, caller, args)
    if (caller.identity.user === GUEST) throw new PermissionError('Log in first.')
    const params = request.params as Params
    const work = (ctx: Context): Promise<unknown> => handler(ctx, params, args)
    const data = await (writes ? site.write(caller.identity, work) : site.read(caller.identity, work))
    return { data }
  }
  for (const base of ['/api/resource', '/api/v1/resource']) {
    const list = (request: FastifyRequest) =>
      run(request, false, (ctx, { doctype }, args) => listDocs(ctx, doctype, args))
    const create = (request: FastifyRequest) =>
      run(request, true, (ctx, { doctype }, args) => createDoc(ctx, doctype, args))
    for (const end of ['', '/']) {
      server.get(`${base}/:doctype${end}`, list)
      server.post(`${base}/:doctype${end}`, create)
    }
    const named = `${base}/:doctype/*`
    server.get(named, (request) => run(request, false, (ctx, params) => readDoc(ctx, params)))
    server.put(named, (request) => run(request, true, updateDoc))
    server.delete(named, async (request, reply) => {
      const answer = await run(request, true, (ctx, params) => removeDoc(ctx, params))
      return reply.status(202).send(answer)
    })
  }
}

function nameOf(params: Params): string {
  return (params['*'] ?? '').replace(/\/$/, '')
}

async function readDoc(ctx: Context, params: Params): Promise<unknown> {
  return withoutNulls(await plainFor(ctx, await visibleDoc(ctx, params.doctype, nameOf(params), 'read')))
}

async function createDoc(ctx: Context, doctype: string, args: Args): Promise<unknown> {
  if (ctx.meta(doctype).isTable) throw savedWithParent(doctype)
  const doc = ctx.newDoc(doctype, documentValues(args))
  await doc.insert()
  return withoutNulls(await plainFor(ctx, doc))
}

async function updateDoc(ctx: Context, params: Params, args: Args): Promise<unknown> {
  const doc = await visibleDoc(ctx, params.doctype, nameOf(params), 'write')
  const values = documentValues(args)
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

/** A document's values: the arguments themselves, or a JSON object in the form field `data`. */
function documentValues(args: Args): Args {
  const { data } = args
  if (data === undefined || Object.keys(args).some((key) => !['data', 'csrf_token'].includes(key)))
    return args
  const values: unknown = typeof data === 'string' ? parse(data, 'data') : data
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new ValidationError('data must be a JSON object with the fields of the document.')
  }
  return values as Args
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ValidationError(`${name} must be JSON.`)
  }
}

async function listDocs(ctx: Context, doctype: string, args: Args): Promise<unknown> {
  const json = (key: string): unknown => {
    const value = args[key]
    if (typeof value !== 'string') return value
    return /^\s*[[{"]/.test(value) ? parse(value, key) : value
  }
  const text = (key: string): string | undefined => {
    const value = args[key]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const fields = json('fields')
  const orderBy = text('order_by')
  const groupBy = text('group_by')
  const parent = text('parent')
  const rows = await ctx.getList(doctype, {
    fields: fieldNames(fields),
    filters: json('filters'),
    or_filters: json('or_filters'),
    limit_start: count(args.limit_start, 'limit_start', 0),
    limit_page_length: count(args.limit_page_length ?? args.limit, 'limit_page_length', 20),
    ...(orderBy ? { order_by: orderBy } : {}),
    ...(groupBy ? { group_by: groupBy } : {}),
    ...(parent ? { parent } : {}),
  })
  return /^(false|0)$/i.test(text('as_dict') ?? '') ? rows.map((row) => Object.values(row)) : rows
}

function fieldNames(fields: unknown): string[] {
  if (fields === undefined || fields === null) return ['name']
  if (typeof fields === 'string') return fields.split(',').map((field) => field.trim())
  if (Array.isArray(fields) && fields.every((field) => typeof field === 'string')) return fields
  throw new ValidationError('fields must be a JSON list of field names.')
}

function count(value: unknown, name: string, otherwise: number): number {
  if (value === undefined || value === '') return otherwise
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN
  if (!Number.isSafeInteger(number) || number < 0)
    throw new ValidationError(`${name} must be a whole number from 0.`)
  return number
}
