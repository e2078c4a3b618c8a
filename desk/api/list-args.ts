import type { Context } from '../context.ts'
import type { ListQuery } from '../document/list.ts'
import type { ListField } from '../document/selection.ts'
import { ValidationError } from '../errors.ts'

type Args = Record<string, unknown>

/** A value that may come as JSON text: parsed where it begins as a list, an object or a quoted text. */
export function jsonArg(value: unknown, name: string): unknown {
  if (typeof value !== 'string' || !/^\s*[[{"]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    throw new ValidationError(`${name} must be JSON.`)
  }
}

/** @throws ValidationError where it is no JSON object */
export function objectArg(value: unknown, name: string): Args {
  const object = jsonArg(value, name)
  if (typeof object === 'object' && object !== null && !Array.isArray(object)) return object as Args
  throw new ValidationError(`${name} must be a JSON object.`)
}

/** @throws ValidationError where it is no JSON list of objects */
export function objectsArg(value: unknown, name: string): Args[] {
  const list = jsonArg(value, name)
  if (Array.isArray(list)) return list.map((entry) => objectArg(entry, `Each entry of ${name}`))
  throw new ValidationError(`${name} must be a JSON list.`)
}

function textArg(args: Args, name: string): string | undefined {
  const value = args[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  throw new ValidationError(`${name} must be one text.`)
}

function countArg(value: unknown, name: string, otherwise: number): number {
  if (value === undefined || value === null || value === '') return otherwise
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN
  if (!Number.isSafeInteger(number) || number < 0)
    throw new ValidationError(`${name} must be a whole number from 0.`)
  return number
}

/**
 * Fields: a JSON list of names and of computed ones (`{"SUM": "qty", "as": "n"}`), one name, or names with commas
 * between; `name` where none is given.
 */
export function fieldsArg(value: unknown, name = 'fields'): ListField[] {
  const fields = jsonArg(value, name) ?? []
  if (typeof fields === 'string') return fields.split(',').map((field) => field.trim())
  if (!Array.isArray(fields) || !fields.every(isListField))
    throw new ValidationError(`${name} must be a JSON list of field names.`)
  return fields.length > 0 ? fields : ['name']
}

const isListField = (field: unknown): field is ListField =>
  typeof field === 'string' || (typeof field === 'object' && field !== null && !Array.isArray(field))

/** Filters in any of Frappe's forms; a plain text or number is a document's name. */
export function filtersArg(value: unknown, name = 'filters'): unknown {
  const filters = jsonArg(value, name)
  return typeof filters === 'number' ? String(filters) : filters
}

/**
 * A list as `/api/resource` and frappe.client ask for it: JSON or JSON text; `limit_page_length` wins over `limit`,
 * 0 is no limit. @throws ValidationError
 */
function readListArgs(args: Args): ListQuery {
  const orderBy = textArg(args, 'order_by')
  const groupBy = textArg(args, 'group_by')
  const parent = textArg(args, 'parent')
  return {
    fields: fieldsArg(args.fields),
    filters: filtersArg(args.filters),
    or_filters: filtersArg(args.or_filters, 'or_filters'),
    limit_start: countArg(args.limit_start, 'limit_start', 0),
    limit_page_length: countArg(args.limit_page_length ?? args.limit, 'limit_page_length', 20),
    ...(orderBy ? { order_by: orderBy } : {}),
    ...(groupBy ? { group_by: groupBy } : {}),
    ...(parent ? { parent } : {}),
  }
}

/** A list of objects, or of lists of values (`as_dict` false). */
export async function listDocuments(ctx: Context, doctype: string, args: Args): Promise<unknown[]> {
  const asDict = args.as_dict
  const flat = asDict === false || asDict === 0 || (typeof asDict === 'string' && /^(false|0)$/i.test(asDict))
  const query = readListArgs(args)
  return await (flat ? ctx.getListOfValues(doctype, query) : ctx.getList(doctype, query))
}
