import { isOurs } from './index-name.ts'
import type { Change, ColumnSpec, IndexSpec, TableSpec } from './types.ts'

/**
 * What has to happen to `actual` (null: no such table) so that it serves `desired`. Columns that are not
 * desired stay, as do indexes that were made by hand; desk's own indexes that are no longer desired go.
 * Empty when the table is up to date.
 */
export function diff(actual: TableSpec | null, desired: TableSpec): Change[] {
  if (!actual) return [{ do: 'create table', table: desired }]
  const table = desired.name
  const found = new Map(actual.columns.map((column) => [column.name.toLowerCase(), column]))
  const columns = desired.columns.flatMap((to): Change[] => {
    const from = found.get(to.name.toLowerCase())
    if (!from) return [{ do: 'add column', table, column: to }]
    return sameColumn(from, to) ? [] : [{ do: 'modify column', table, from, to }]
  })
  const added = desired.indexes.filter((wanted) => !actual.indexes.some((one) => sameIndex(one, wanted)))
  const dropped = actual.indexes.filter(
    (one) => isOurs(one) && !desired.indexes.some((wanted) => sameIndex(one, wanted)),
  )
  return [
    ...dropped.map((index): Change => ({ do: 'drop index', table, index })),
    ...columns,
    ...added.map((index): Change => ({ do: 'add index', table, index })),
  ]
}

/** `json` is stored as longtext on both databases, and read back as such. */
export const storedType = (type: string): string => (type === 'json' ? 'longtext' : type)

export function sameColumn(a: ColumnSpec, b: ColumnSpec): boolean {
  return storedType(a.type) === storedType(b.type) && a.nullable === b.nullable && a.default === b.default
}

export function sameIndex(a: IndexSpec, b: IndexSpec): boolean {
  return a.unique === b.unique && a.columns.join().toLowerCase() === b.columns.join().toLowerCase()
}

/** A change in one line, for `bench migrate`. */
export function describe(change: Change): string {
  switch (change.do) {
    case 'create table':
      return `create ${change.table.name} (${change.table.columns.length} columns)`
    case 'add column':
      return `${change.table}: add ${describeColumn(change.column)}`
    case 'modify column':
      return `${change.table}: change ${describeColumn(change.from)} to ${describeColumn(change.to)}`
    case 'add index':
      return `${change.table}: add ${describeIndex(change.index)}`
    case 'drop index':
      return `${change.table}: drop ${describeIndex(change.index)}`
  }
}

function describeColumn({ name, type, nullable, default: value }: ColumnSpec): string {
  const fallback = value === null ? '' : ` default '${value.replaceAll(/\s+/g, ' ')}'`
  return `${name} ${type}${nullable ? '' : ' not null'}${fallback}`
}

const describeIndex = ({ columns, unique }: IndexSpec): string =>
  `${unique ? 'unique index' : 'index'} (${columns.join(', ')})`
