import type { DocField, DocTypeJson, Flag } from './doctype.ts'

/** A DocType whose keys have the right types, but may be missing or make no sense. */
export interface LooseDocType extends Omit<DocTypeJson, 'doctype' | 'sort_order' | 'fields' | 'indexes'> {
  doctype?: string
  sort_order?: string
  fields: LooseField[]
  indexes: { fields?: string[]; unique?: Flag }[]
}

export interface LooseField extends Omit<DocField, 'fieldname' | 'fieldtype' | 'default'> {
  fieldname?: string
  fieldtype?: string
  default?: string | number
}

type Json = Record<string, unknown>
type Kind = 'text' | 'flag' | 'whole number' | 'text or number' | 'list of texts'

/** The value as its key takes it, from any of the spellings in Frappe's files; undefined where it cannot be meant. */
const readings: Readonly<Record<Kind, (value: unknown) => unknown>> = {
  text: (value) =>
    typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined,
  flag: (value) => flags.get(value),
  'whole number': (value) => {
    const number = typeof value === 'string' && /^\s*\d*\s*$/.test(value) ? Number(value) : value
    return Number.isInteger(number) ? number : undefined
  },
  'text or number': (value) =>
    typeof value === 'string' || typeof value === 'number'
      ? value
      : typeof value === 'boolean'
        ? Number(value)
        : undefined,
  'list of texts': (value) =>
    Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined,
}

const flags = new Map<unknown, Flag>([
  [0, 0],
  ['0', 0],
  ['', 0],
  [false, 0],
  [1, 1],
  ['1', 1],
  [true, 1],
])

const keysOf = (kind: Kind, keys: string): [string, Kind][] => keys.split(' ').map((key) => [key, kind])

const doctypeKeys = new Map<string, Kind>([
  ...keysOf(
    'text',
    'doctype name module autoname naming_rule title_field search_fields sort_field sort_order',
  ),
  ...keysOf('flag', 'custom istable issingle is_virtual is_submittable is_tree track_changes track_seen'),
  ...keysOf('flag', 'allow_rename'),
  ...keysOf('list of texts', 'field_order'),
])

const fieldKeys = new Map<string, Kind>([
  ...keysOf('text', 'fieldname fieldtype label options depends_on fetch_from description'),
  ...keysOf('flag', 'reqd unique search_index read_only hidden in_list_view set_only_once no_copy'),
  ...keysOf('flag', 'fetch_if_empty not_nullable is_virtual ignore_user_permissions'),
  ...keysOf('whole number', 'length permlevel'),
  ...keysOf('text or number', 'default precision'),
])

const permissionKeys = new Map<string, Kind>([
  ...keysOf('text', 'role'),
  ...keysOf('whole number', 'permlevel'),
  ...keysOf('flag', 'if_owner read write create delete submit cancel amend select report export'),
  ...keysOf('flag', 'import share print email'),
])

const indexKeys = new Map<string, Kind>([...keysOf('list of texts', 'fields'), ...keysOf('flag', 'unique')])

/**
 * The DocType with the types that its keys must have: what is of another type is left out, and reported, so
 * that the rest can be checked all the same. Null is as good as absent; unknown keys pass.
 */
export function shapeDocType(json: Json): { doctype: LooseDocType; problems: string[] } {
  const problems: string[] = []
  const rows = (key: string, kinds: ReadonlyMap<string, Kind>): Json[] => {
    const list = json[key] ?? []
    if (!Array.isArray(list)) {
      problems.push(`${key} must be a list`)
      return []
    }
    return list.flatMap((row: unknown, position) => {
      const place = `${key}[${position}]`
      if (isObject(row)) return [shape(row, kinds, labelOf(row, place), problems)]
      problems.push(`${place} must be an object`)
      return []
    })
  }
  if (!Array.isArray(json.fields)) problems.push('fields must be a list')
  const doctype = {
    ...shape(json, doctypeKeys, '', problems),
    fields: rows('fields', fieldKeys),
    permissions: rows('permissions', permissionKeys),
    indexes: rows('indexes', indexKeys),
  }
  // Every key that the type declares has been looked at above.
  return { doctype: doctype as unknown as LooseDocType, problems: [...new Set(problems)] }
}

const labelOf = (row: Json, place: string): string =>
  typeof row.fieldname === 'string' ? `field ${JSON.stringify(row.fieldname)}` : place

function shape(row: Json, kinds: ReadonlyMap<string, Kind>, label: string, problems: string[]): Json {
  return Object.fromEntries(
    Object.entries(row).flatMap(([key, value]): [string, unknown][] => {
      const kind = kinds.get(key)
      if (value === null) return []
      if (!kind) return [[key, value]]
      const read = readings[kind](value)
      if (read !== undefined) return [[key, read]]
      problems.push(
        `${label === '' ? '' : `${label}: `}${key} must be a ${kind}${kind === 'flag' ? ', 0 or 1' : ''}`,
      )
      return []
    }),
  )
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
