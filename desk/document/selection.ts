import type { Knex } from 'knex'
import { ValidationError } from '../errors.ts'
import type { Meta } from '../meta/meta.ts'
import { column, type MayAsk } from './filters.ts'

const FUNCTIONS = ['COUNT', 'SUM', 'AVG', 'MIN', 'MAX'] as const
type Function = (typeof FUNCTIONS)[number]

/** A field of a list, or Frappe 16's object for a computed one: `{"SUM": "qty", "as": "n"}`, `{"COUNT": "*"}`. */
export type ListField = string | Readonly<Record<string, unknown>>

/** A column of the answer. */
export interface Selected {
  /** Its key in the rows. */
  key: string
  field: string
  /** Null for the column itself. */
  by: Function | null
}

/**
 * The columns that a list is asked for; `*` is all but passwords. Fields above the caller's permission level are left
 * out, as in Frappe. @throws ValidationError
 */
export function parseFields(meta: Meta, fields: readonly ListField[], may: MayAsk): Selected[] {
  const readable = (name: string): boolean => {
    const field = meta.field(name)
    return !field || may(field)
  }
  const selected = fields.flatMap((field): Selected[] => {
    if (field === '*') return everyColumn(meta).filter(readable).map(plain)
    if (typeof field === 'string') return [column(meta, field)].filter(readable).map(plain)
    return [parseComputed(meta, field, may)]
  })
  // Nothing selected would be everything, in SQL.
  if (selected.length === 0) return [plain('name')]
  return [...new Map(selected.map((one) => [one.key, one])).values()]
}

const plain = (field: string): Selected => ({ key: field, field, by: null })

const everyColumn = (meta: Meta): string[] =>
  meta.columns().filter((name) => meta.field(name)?.fieldtype !== 'Password')

function parseComputed(meta: Meta, given: Readonly<Record<string, unknown>>, may: MayAsk): Selected {
  const { as, ...rest } = given
  const [first, ...more] = Object.entries(rest)
  const [name, field] = first ?? ['', undefined]
  const by = FUNCTIONS.find((one) => one === name.toUpperCase())
  if (!by || more.length > 0) {
    throw new ValidationError(
      `A computed field is an object like {"SUM": "qty", "as": "total"}, by one of ${FUNCTIONS.join(', ')}.`,
    )
  }
  const of = by === 'COUNT' && field === '*' ? '*' : column(meta, field, may)
  const key = as ?? `${by}(${of})`
  if (typeof key !== 'string' || (as !== undefined && !/^[A-Za-z_]\w{0,62}$/.test(key)))
    throw new ValidationError('"as" names a computed field: letters, digits and _.')
  return { key, field: of, by }
}

/** Adds the columns to a query over the DocType's table. */
export function applySelection(query: Knex.QueryBuilder, meta: Meta, selected: readonly Selected[]): void {
  for (const { key, field, by } of selected) {
    const place = `${meta.table}.${field}`
    if (by === null) void query.select(place)
    else if (field === '*') void query.select(query.client.raw('count(*) as ??', [key]))
    else void query.select(query.client.raw(`${by.toLowerCase()}(??) as ??`, [place, key]))
  }
}

export interface Order {
  by: string
  direction: 'asc' | 'desc'
}

/** `field desc, other`; also by a computed field's key. @throws ValidationError */
export function parseOrder(meta: Meta, text: string, selected: readonly Selected[], may: MayAsk): Order[] {
  return text.split(',').map((part) => {
    const [, field = '', direction = 'asc'] = /^\s*(.+?)(?:\s+(asc|desc))?\s*$/i.exec(part) ?? []
    const computed = selected.find(({ key, by }) => by !== null && key === field.replaceAll('`', ''))
    return {
      by: computed ? computed.key : `${meta.table}.${column(meta, field, may)}`,
      direction: /^desc$/i.test(direction) ? 'desc' : 'asc',
    }
  })
}
