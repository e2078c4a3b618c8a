import type { FastifyRequest } from 'fastify'

export type Args = Record<string, unknown>

/** Names that would reach an object's machinery instead of being a value of it. */
const UNNAMEABLE = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Arguments as Frappe reads them: a JSON body that is not empty counts alone; else the query with the form over it.
 * `_` is dropped; a JSON list becomes `data`; a key sent twice, or with `[]`, is a list.
 */
export function readArgs(request: FastifyRequest): Args {
  const type = request.headers['content-type'] ?? ''
  const { body } = request
  if (type.includes('json') && body !== undefined && body !== null) {
    if (typeof body !== 'object' || Array.isArray(body)) return { data: body }
    return named(Object.entries(body))
  }
  const form = typeof body === 'object' && body !== null ? body : {}
  const args = named(Object.entries(request.query as Args).map(asList))
  return Object.assign(args, named(Object.entries(form).map(asList)))
}

/** One argument of the query, whatever the body is. */
export function queryArg(request: FastifyRequest, name: string): string | undefined {
  const query = request.query as Args
  const value = Object.hasOwn(query, name) ? query[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** `l[]=1` is a list, also with one entry. */
function asList([key, value]: [string, unknown]): [string, unknown] {
  return key.endsWith('[]') ? [key.slice(0, -2), [value].flat()] : [key, value]
}

function named(entries: [string, unknown][]): Args {
  return Object.fromEntries(entries.filter(([key]) => key !== '_' && !UNNAMEABLE.has(key)))
}
