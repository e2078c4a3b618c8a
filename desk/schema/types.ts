/** The two databases that desk speaks to. */
export type DatabaseKind = 'sqlite' | 'mariadb'

/** A table as it should be, or as it was found: both in the same words, so that they can be compared. */
export interface TableSpec {
  readonly name: string
  readonly columns: readonly ColumnSpec[]
  readonly primaryKey: readonly string[]
  readonly indexes: readonly IndexSpec[]
}

export interface ColumnSpec {
  readonly name: string
  /** As MariaDB spells it, lower case, integers without display width: `varchar(140)`, `int`, `datetime(6)`. */
  readonly type: string
  readonly nullable: boolean
  /** The default's text, unquoted; null for none. */
  readonly default: string | null
}

export interface IndexSpec {
  /** Unique within its table; in SQLite's catalogue the table's name comes before it. */
  readonly name: string
  readonly columns: readonly string[]
  readonly unique: boolean
}

/** One step towards the desired table. Nothing here drops or renames a column: data stays. */
export type Change =
  | { readonly do: 'create table'; readonly table: TableSpec }
  | { readonly do: 'add column'; readonly table: string; readonly column: ColumnSpec }
  | {
      readonly do: 'modify column'
      readonly table: string
      readonly from: ColumnSpec
      readonly to: ColumnSpec
    }
  | { readonly do: 'add index'; readonly table: string; readonly index: IndexSpec }
  | { readonly do: 'drop index'; readonly table: string; readonly index: IndexSpec }

/** What `apply` did, and what it left as it was because data would have been lost. */
export interface Applied {
  readonly applied: readonly Change[]
  readonly reverted: readonly { readonly change: Change; readonly reason: string }[]
}
