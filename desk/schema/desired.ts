import { columnDefault, columnType, fieldtypeOf, isNotNull } from '../meta/fieldtypes.ts'
import { frameworkColumns, type Meta } from '../meta/meta.ts'
import { index } from './index-name.ts'
import type { ColumnSpec, IndexSpec, TableSpec } from './types.ts'

const timestamp = { type: 'datetime(6)', nullable: true, default: null }
const identifier = { type: 'varchar(140)', nullable: true, default: null }
const json = { type: 'text', nullable: true, default: null }
const counter = { type: 'int', nullable: false, default: '0' }

/** The framework's own columns, as frappe-contract §3 lists them. */
const framework: ReadonlyMap<string, Omit<ColumnSpec, 'name'>> = new Map(
  Object.entries({
    name: { ...identifier, nullable: false },
    creation: timestamp,
    modified: timestamp,
    modified_by: identifier,
    owner: identifier,
    docstatus: { type: 'tinyint', nullable: false, default: '0' },
    idx: counter,
    parent: identifier,
    parentfield: identifier,
    parenttype: identifier,
    lft: counter,
    rgt: counter,
    _user_tags: json,
    _comments: json,
    _assign: json,
    _liked_by: json,
    _seen: json,
  }),
)

/**
 * The table that a DocType asks for; null when it has none of its own (Single, virtual).
 * The same on both databases: what differs is spelt by `apply` and read back by `introspect`.
 */
export function desiredTable(meta: Meta): TableSpec | null {
  if (meta.isSingle || meta.isVirtual) return null
  const columns = [
    ...frameworkColumns(meta).map((name) => frameworkColumn(name, meta)),
    ...meta.valueFields.map((field): ColumnSpec => ({
      name: field.fieldname,
      type: columnType(field) ?? 'text',
      nullable: !isNotNull(field),
      default: columnDefault(field),
    })),
  ]
  return { name: meta.table, columns, primaryKey: ['name'], indexes: desiredIndexes(meta) }
}

function frameworkColumn(name: string, meta: Meta): ColumnSpec {
  const column = framework.get(name)
  if (!column) throw new Error(`${name} is not a column of the framework`)
  const numbered = name === 'name' && meta.isNumbered
  return { name, ...column, ...(numbered && { type: 'bigint' }) }
}

function desiredIndexes(meta: Meta): readonly IndexSpec[] {
  const indexes = [
    ...(meta.isTable ? [index(['parent'])] : [index(['creation'])]),
    ...(!meta.isTable && meta.sortField === 'modified' ? [index(['modified'])] : []),
    ...meta.valueFields
      .filter((field) => !fieldtypeOf(field).unindexed && [field.unique, field.search_index].includes(1))
      .map((field) => index([field.fieldname], Boolean(field.unique))),
    ...meta.indexes.map(({ fields, unique }) => index(fields, Boolean(unique))),
  ]
  const byName = new Map(indexes.map((one) => [one.name, one]))
  return [...byName.values()]
}
