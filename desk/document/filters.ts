import type { Knex } from 'knex'
import { ValidationError } from '../errors.ts'
import type { Meta } from '../meta/meta.ts'

/** One condition on a column of the DocType's own table. */
export interface Filter {
  field: string
  operator: Operator
  value: unknown
}

const OPERATORS = [
  '=',
  '!=',
  '>',
  '<',
  '>=',
  '<=',
  'like',
  'not like',
  'in',
  'not in',
  'between',
  'is',
] as const
export type Operator = (typeof OPERATORS)[number]

/**
 * Frappe's spellings of filters: `{"f": "v"}`, `{"f": [">", 1]}`, `[["f", "=", "v"]]`, `[["DocType", "f", "=", "v"]]`.
 * Only known fields and operators pass. @throws ValidationError
 */
export function parseFilters(meta: Meta, input: unknown): Filter[] {
  if (input === undefined || input === null || input === '') return []
  if (typeof input === 'string') return [filter(meta, 'name', '=', input)]
  if (Array.isArray(input)) return input.map((entry) => parseEntry(meta, entry))
  if (typeof input !== 'object') throw new ValidationError('filters must be a list or an object.')
  return Object.entries(input).map(([field, value]) =>
    Array.isArray(value) && value.length === 2 && isOperator(value[0])
      ? filter(meta, field, value[0], value[1])
      : filter(meta, field, Array.isArray(value) ? 'in' : '=', value),
  )
}

function parseEntry(meta: Meta, entry: unknown): Filter {
  if (!Array.isArray(entry)) throw new ValidationError('Each filter is a list like ["field", "=", "value"].')
  const parts: unknown[] = entry
  if (parts.length === 2) return filter(meta, parts[0], '=', parts[1])
  if (parts.length === 3) return filter(meta, parts[0], parts[1], parts[2])
  if (parts[0] !== meta.name)
    throw new ValidationError(`Filters on another DocType than ${meta.name} are not supported.`)
  return filter(meta, parts[1], parts[2], parts[3])
}

function isOperator(value: unknown): boolean {
  return typeof value === 'string' && (OPERATORS as readonly string[]).includes(value.toLowerCase())
}

function filter(meta: Meta, field: unknown, operator: unknown, value: unknown): Filter {
  if (typeof operator !== 'string' || !isOperator(operator)) {
    throw new ValidationError(`Unknown operator in filters: use one of ${OPERATORS.join(', ')}.`)
  }
  const checked: Filter = { field: column(meta, field), operator: operator.toLowerCase() as Operator, value }
  if (['in', 'not in', 'between'].includes(checked.operator)) {
    const list = typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value
    if (!Array.isArray(list) || !list.every(isScalar))
      throw new ValidationError(`"${operator}" needs a list of values.`)
    if (checked.operator === 'between' && list.length !== 2)
      throw new ValidationError('"between" needs two values.')
    return { ...checked, value: list }
  }
  if (checked.operator === 'is' && value !== 'set' && value !== 'not set') {
    throw new ValidationError('"is" takes "set" or "not set".')
  }
  if (!isScalar(value)) throw new ValidationError(`The filter on ${checked.field} needs a single value.`)
  return checked
}

const isScalar = (value: unknown): boolean =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

/** A column of the DocType's table; `tabX`.`f` and `f` are both understood. @throws ValidationError */
export function column(meta: Meta, field: unknown): string {
  const name = typeof field === 'string' ? field.replaceAll('`', '').replace(`${meta.table}.`, '').trim() : ''
  if (!meta.columns().includes(name) || meta.field(name)?.fieldtype === 'Password') {
    throw new ValidationError(`${meta.name} has no field "${name.slice(0, 60)}" to query.`)
  }
  return name
}

/** Adds the filters, joined by AND or OR, to a query over the DocType's table. */
export function applyFilters(
  query: Knex.QueryBuilder,
  meta: Meta,
  filters: readonly Filter[],
  any = false,
): void {
  if (filters.length === 0) return
  void query.where((group) => {
    for (const one of filters) {
      if (any) void group.orWhere((inner) => condition(inner, meta, one))
      else void group.where((inner) => condition(inner, meta, one))
    }
  })
}

function condition(query: Knex.QueryBuilder, meta: Meta, { field, operator, value }: Filter): void {
  const name = `${meta.table}.${field}`
  switch (operator) {
    case 'in':
      void query.whereIn(name, value as string[])
      break
    case 'not in':
      void query.whereNotIn(name, value as string[])
      break
    case 'between':
      void query.whereBetween(name, value as [string, string])
      break
    case 'is':
      if (value === 'set') void query.whereNotNull(name).andWhereNot(name, '')
      else void query.whereNull(name).orWhere(name, '')
      break
    case '=':
      if (value === null) void query.whereNull(name)
      else void query.where(name, value as string)
      break
    case '!=':
      if (value === null) void query.whereNotNull(name)
      else void query.whereNot(name, value as string).orWhereNull(name)
      break
    case 'like':
    case 'not like':
      // MariaDB takes \ as the escape by itself; SQLite must be told.
      void query.whereRaw(`?? ${operator} ? escape ?`, [name, value as string, '\\'])
      break
    default:
      void query.where(name, operator, value as string)
  }
}
