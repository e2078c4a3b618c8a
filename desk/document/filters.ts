import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import { ValidationError } from '../errors.ts'
import type { DocField } from '../meta/doctype.ts'
import { fieldtypeOf, isNotNull, type ValueKind } from '../meta/fieldtypes.ts'
import type { Meta } from '../meta/meta.ts'
import { meansOperator, parseOperator, type Operator } from './operators.ts'
import { timespan } from './timespan.ts'
import { castValue } from './values.ts'

/** One condition on a column of the DocType's own table, or of a child table of it. */
export interface Filter {
  /** The DocType that has the field: the one asked for, or one of its child tables. */
  meta: Meta
  field: string
  operator: Operator
  value: unknown
}

/** Whether the caller may ask about a field, by its permission level. */
export type MayAsk = (field: DocField) => boolean

const everything: MayAsk = () => true

const MOST_VALUES = 10_000
const LONGEST_PATTERN = 10_000

/**
 * Frappe's spellings of filters: `{"f": "v"}`, `{"f": [">", 1]}`, `[["f", "=", "v"]]`, `[["DocType", "f", "=", "v"]]`,
 * where DocType may be a child table's. Only known fields and operators pass, and values that the field could hold.
 * @throws ValidationError
 */
export function parseFilters(ctx: Context, meta: Meta, input: unknown, may: MayAsk = everything): Filter[] {
  if (input === undefined || input === null || input === '') return []
  if (typeof input === 'string') return [filter(ctx, meta, 'name', '=', input, may)]
  if (Array.isArray(input)) return input.map((entry) => parseEntry(ctx, meta, entry, may))
  if (typeof input !== 'object') throw new ValidationError('filters must be a list or an object.')
  return Object.entries(input).map(([field, value]) => {
    if (!Array.isArray(value)) return filter(ctx, meta, field, '=', value, may)
    const [operator, operand] = value as unknown[]
    return value.length === 2 && meansOperator(operator, operand)
      ? filter(ctx, meta, field, operator, operand, may)
      : filter(ctx, meta, field, 'in', value, may)
  })
}

function parseEntry(ctx: Context, meta: Meta, entry: unknown, may: MayAsk): Filter {
  if (!Array.isArray(entry)) throw new ValidationError('Each filter is a list like ["field", "=", "value"].')
  const parts: unknown[] = entry
  if (parts.length === 2) return filter(ctx, meta, parts[0], '=', parts[1], may)
  if (parts.length === 3) return filter(ctx, meta, parts[0], parts[1], parts[2], may)
  const [doctype, field, operator, value] = parts
  if (doctype === meta.name) return filter(ctx, meta, field, operator, value, may)
  const table = meta.tableFields.find((one) => one.options === doctype && may(one))
  if (!table?.options)
    throw new ValidationError(`Filters are on fields of ${meta.name}, or of its child tables.`)
  return filter(ctx, ctx.meta(table.options), field, operator, value, may)
}

function filter(
  ctx: Context,
  meta: Meta,
  field: unknown,
  operator: unknown,
  value: unknown,
  may: MayAsk,
): Filter {
  const checked = { meta, field: column(meta, field, may), operator: parseOperator(operator), value }
  const cast = (one: unknown): unknown => castOperand(meta, checked.field, one)
  switch (checked.operator) {
    case 'in':
    case 'not in':
      return { ...checked, value: listOf(value, checked.operator).map(cast) }
    case 'between':
      return { ...checked, value: between(meta, checked.field, listOf(value, 'between')) }
    case 'timespan':
      if (typeof value !== 'string')
        throw new ValidationError('"timespan" needs words such as "last 7 days".')
      return {
        ...checked,
        operator: 'between',
        value: between(meta, checked.field, timespan(value, ctx.now())),
      }
    case 'is': {
      const state = typeof value === 'string' ? value.trim().toLowerCase() : ''
      if (state !== 'set' && state !== 'not set') throw new ValidationError('"is" takes "set" or "not set".')
      return { ...checked, value: state }
    }
    case 'like':
    case 'not like': {
      if (!isScalar(value)) throw needsOne(checked.field)
      const pattern = String(value ?? '')
      if (pattern.length > LONGEST_PATTERN)
        throw new ValidationError(`The filter on ${checked.field} is too long.`)
      return { ...checked, value: pattern }
    }
    default:
      return { ...checked, value: cast(value) }
  }
}

const needsOne = (field: string): Error => new ValidationError(`The filter on ${field} needs a single value.`)

function listOf(value: unknown, operator: string): unknown[] {
  const list: unknown = typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value
  if (!Array.isArray(list) || !list.every(isScalar))
    throw new ValidationError(`"${operator}" needs a list of values.`)
  if (list.length > MOST_VALUES)
    throw new ValidationError(`"${operator}" takes at most ${String(MOST_VALUES)} values.`)
  return list
}

/** Both ends included; of two dates on a Datetime the last is meant with its whole day, as in Frappe. */
function between(meta: Meta, field: string, ends: readonly unknown[]): unknown[] {
  if (ends.length !== 2 || ends.some((end) => end === null || end === ''))
    throw new ValidationError('"between" needs two values.')
  const [from, to] = ends.map((end) => castOperand(meta, field, end))
  const wholeDay = kindOf(meta, field) === 'datetime' && /^\s*\d{4}-\d\d-\d\d\s*$/.test(String(ends[1]))
  return [from, wholeDay ? `${String(to).slice(0, 10)} 23:59:59.999999` : to]
}

type Scalar = string | number | boolean | null

const isScalar = (value: unknown): value is Scalar =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

const KINDS: Readonly<Record<string, ValueKind>> = {
  creation: 'datetime',
  modified: 'datetime',
  docstatus: 'integer',
  idx: 'integer',
  lft: 'integer',
  rgt: 'integer',
}

/** What a column holds. */
export function kindOf(meta: Meta, name: string): ValueKind {
  const field = meta.field(name)
  return (field ? fieldtypeOf(field).value : KINDS[name]) ?? 'text'
}

const TIMES: Readonly<Partial<Record<ValueKind, string>>> = {
  date: 'Date',
  datetime: 'Datetime',
  time: 'Time',
}

/** A value to compare a column with, in that column's form. Nothing is 0 among numbers, and null among times. */
function castOperand(meta: Meta, name: string, value: unknown): unknown {
  if (!isScalar(value)) throw needsOne(name)
  if (value === null) return null
  const kind = kindOf(meta, name)
  if (kind === 'check' || kind === 'integer' || kind === 'decimal') {
    const text = String(value).trim()
    const number = typeof value === 'boolean' ? Number(value) : text === '' ? 0 : Number(text)
    if (Number.isFinite(number) && !/^[+-]?0[xbo]/i.test(text)) return number
    throw new ValidationError(`${name} is a number; "${text.slice(0, 40)}" in the filters is none.`)
  }
  const fieldtype = TIMES[kind]
  if (fieldtype) return castValue({ fieldname: name, fieldtype }, value)
  return (typeof value === 'boolean' ? String(Number(value)) : String(value)).toWellFormed()
}

/** A column of the DocType's table; `tabX`.`f` and `f` are both understood. @throws ValidationError */
export function column(meta: Meta, field: unknown, may: MayAsk = everything): string {
  const name = typeof field === 'string' ? field.replaceAll('`', '').replace(`${meta.table}.`, '').trim() : ''
  const own = meta.field(name)
  if (!meta.columns().includes(name) || own?.fieldtype === 'Password' || (own && !may(own))) {
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
  const own = filters.filter((one) => one.meta === meta)
  const children = new Set(filters.map((one) => one.meta).filter((one) => one !== meta))
  void query.where((group) => {
    for (const one of own) {
      if (any) void group.orWhere((inner) => condition(inner, one))
      else void group.where((inner) => condition(inner, one))
    }
    // EXISTS, and not a join: a document with several rows that fit is listed once. One row must fit all of them.
    for (const child of children) {
      const conditions = filters.filter((one) => one.meta === child)
      const rows = (inner: Knex.QueryBuilder): void => {
        void inner
          .select(inner.client.raw('1'))
          .from(child.table)
          .whereRaw('?? = ??', [`${child.table}.parent`, `${meta.table}.name`])
          .where(`${child.table}.parenttype`, meta.name)
        applyFilters(inner, child, conditions, any)
      }
      if (any) void group.orWhereExists(rows)
      else void group.whereExists(rows)
    }
  })
}

function condition(query: Knex.QueryBuilder, { meta, field, operator, value }: Filter): void {
  const name = `${meta.table}.${field}`
  const nullable = canBeNull(meta, field)
  const isText = ['text', 'json'].includes(kindOf(meta, field))
  switch (operator) {
    case 'in':
    case 'not in': {
      const values = value as unknown[]
      const present = values.filter((one) => one !== null) as string[]
      // As in Frappe, no value is like the empty one: among those that are named, or not among them.
      const withNulls = values.some((one) => one === null || one === '') === (operator === 'in')
      if (operator === 'in') void query.whereIn(name, present)
      else void query.whereNotIn(name, present)
      if (withNulls && nullable) void query.orWhereNull(name)
      else if (operator === 'not in' && nullable) void query.whereNotNull(name)
      break
    }
    case 'between':
      void query.whereBetween(name, value as [string, string])
      break
    case 'is': {
      const empty = isText ? '' : isNumber(kindOf(meta, field)) ? 0 : null
      if (value === 'set') {
        void query.whereNotNull(name)
        if (empty !== null) void query.whereNot(name, empty)
      } else {
        void query.whereNull(name)
        if (empty !== null) void query.orWhere(name, empty)
      }
      break
    }
    case '=':
      if (value === null) void query.whereNull(name)
      else void query.where(name, value as string)
      break
    case '!=':
      if (value === null) void query.whereNotNull(name)
      else {
        void query.whereNot(name, value as string)
        if (nullable) void query.orWhereNull(name)
      }
      break
    case 'like':
    case 'not like': {
      // MariaDB takes \ as the escape by itself; SQLite must be told.
      void query.whereRaw(`?? ${operator} ? escape ?`, [name, value as string, '\\'])
      if (operator === 'not like' && nullable) void query.orWhereNull(name)
      break
    }
    default:
      if (value === null) void query.whereRaw('1 = 0')
      else void query.where(name, operator, value as string)
  }
}

const isNumber = (kind: ValueKind): boolean => ['check', 'integer', 'decimal'].includes(kind)

function canBeNull(meta: Meta, name: string): boolean {
  const field: DocField | undefined = meta.field(name)
  return field ? !isNotNull(field) : !['name', 'docstatus', 'idx', 'lft', 'rgt'].includes(name)
}
