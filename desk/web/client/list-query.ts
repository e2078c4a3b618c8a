import type { DocTypeJson } from '../../meta/doctype.ts'
import { kindOf, listFields } from './fields.ts'
import { titleField } from './meta.ts'

export const pageLength = 20

export interface Sort {
  field: string
  descending: boolean
}

export type Filter = [field: string, operator: 'like', value: string]

/** The arguments of a list, as `/api/resource` takes them. */
export interface ListQuery {
  fields: string[]
  or_filters: Filter[]
  order_by: string
  limit_start: number
  limit_page_length: number
}

/** The order that a DocType asks for; without one, what changed last comes first. */
export function defaultSort(meta: DocTypeJson): Sort {
  const field = meta.sort_field ?? 'modified'
  return { field, descending: (meta.sort_order ?? 'DESC').toUpperCase() !== 'ASC' }
}

/** Clicking a header: the same column turns round, another starts upward (times start with the latest). */
export function nextSort(sort: Sort, field: string, isTime: boolean): Sort {
  return sort.field === field ? { field, descending: !sort.descending } : { field, descending: isTime }
}

/**
 * The query for one page of a list. It asks for one row more than a page, which tells whether there are more
 * without counting. `name` closes the order, so that pages do not overlap.
 */
export function listQuery(
  meta: DocTypeJson,
  options: { text: string; sort: Sort; start: number },
): ListQuery {
  const { text, sort, start } = options
  const fields = [...new Set(['name', ...listFields(meta).map(({ fieldname }) => fieldname), 'modified'])]
  const direction = sort.descending ? 'desc' : 'asc'
  const order = sort.field === 'name' ? `name ${direction}` : `${sort.field} ${direction}, name ${direction}`
  return {
    fields,
    or_filters: searchFilters(meta, text),
    order_by: order,
    limit_start: start,
    limit_page_length: pageLength + 1,
  }
}

function searchFilters(meta: DocTypeJson, text: string): Filter[] {
  const wanted = text.trim()
  if (!wanted) return []
  const known = new Map(meta.fields.map((field) => [field.fieldname, field]))
  const named = (meta.search_fields ?? '').split(',').map((field) => field.trim())
  const searchable = named.filter((name) => {
    const field = known.get(name)
    return field && ['text', 'select', 'link', 'multiline'].includes(kindOf(field))
  })
  const title = titleField(meta)?.fieldname
  const fields = new Set(['name', ...(title ? [title] : []), ...searchable])
  return [...fields].map((field): Filter => [field, 'like', `%${wanted}%`])
}
