import type { FastifyRequest } from 'fastify'

export type Args = Record<string, unknown>

/**
 * Arguments as Frappe reads them: a JSON body that is not empty counts alone; else the query with the form over it.
 * `_` is dropped; a JSON list becomes `data`; a key sent twice, or with `[]`, is a list.
 */
export function readArgs(request: FastifyRequest): Args {
  const type = request.headers['content-type'] ?? ''
  const { body } = request
  if (type.includes('json') && body !== undefined && body !== null) {
    if (Array.isArray(body)) return { data: body }
    return typeof body === 'object' ? (body as Args) : { data: body }
  }
  const merged = { ...(request.query as Args), ...(typeof body === 'object' && body !== null ? body : {}) }
  const args: Args = {}
  for (const [key, value] of Object.entries(merged)) {
    if (key !== '_')
      args[key.endsWith('[]') ? key.slice(0, -2) : key] = key.endsWith('[]') ? [value].flat() : value
  }
  return args
}
