import type { DocField, DocPerm, DocTypeJson, TableIndex } from './doctype.ts'
import { columnType, fieldtypeOf } from './fieldtypes.ts'

export { scrub, slug } from './names.ts'

/** Columns of every table. */
export const standardColumns = [
  'name',
  'creation',
  'modified',
  'modified_by',
  'owner',
  'docstatus',
  'idx',
] as const

/** Columns that tie a child row to its parent. */
export const childColumns = ['parent', 'parentfield', 'parenttype'] as const

/** JSON text that Frappe keeps beside a document. */
export const socialColumns = ['_user_tags', '_comments', '_assign', '_liked_by'] as const

const frameworkNames = new Set<string>([...standardColumns, ...childColumns, ...socialColumns, '_seen'])

/** A DocType, read once and asked often: what its JSON means for tables, queries and forms. */
export class Meta {
  readonly json: DocTypeJson
  readonly name: string
  readonly module: string
  /** The app that brings the DocType. */
  readonly app: string
  readonly isSingle: boolean
  readonly isTable: boolean
  readonly isVirtual: boolean
  readonly isTree: boolean
  readonly autoname: string
  /** Documents are named by a number of the database's (`autoincrement`): the column `name` is a bigint. */
  readonly isNumbered: boolean
  readonly fields: readonly DocField[]
  /** Fields that have a column (or, in a Single, a row of tabSingles). */
  readonly valueFields: readonly DocField[]
  /** Fields that hold child rows. */
  readonly tableFields: readonly DocField[]
  /** Fields whose values lie encrypted in `__Auth`, and as asterisks in their column. */
  readonly passwordFields: readonly DocField[]
  /** Fields without a column, whose values the controller works out. */
  readonly virtualFields: readonly DocField[]
  /** Fields that take their value from a linked document. */
  readonly fetchFields: readonly DocField[]
  readonly setOnlyOnceFields: readonly DocField[]
  /** Whether every save is written down as a Version. */
  readonly tracksChanges: boolean
  readonly allowsRename: boolean
  /** Link and Dynamic Link. */
  readonly linkFields: readonly DocField[]
  readonly permissions: readonly DocPerm[]
  readonly indexes: readonly TableIndex[]
  readonly titleField: string | undefined
  readonly searchFields: readonly string[]
  readonly sortField: string
  readonly sortOrder: 'ASC' | 'DESC'
  /** The table: `tab` and the DocType's name. */
  readonly table: string
  readonly #byName: ReadonlyMap<string, DocField>
  readonly #columns: readonly string[]

  /** @param json accepted by `parseDocType` */
  constructor(json: DocTypeJson, app: string) {
    this.json = json
    this.name = json.name
    this.module = json.module
    this.app = app
    this.isSingle = Boolean(json.issingle)
    this.isTable = Boolean(json.istable)
    this.isVirtual = Boolean(json.is_virtual)
    this.isTree = Boolean(json.is_tree)
    this.autoname = json.autoname ?? ''
    this.isNumbered = /^autoincrement$/i.test(this.autoname)
    this.fields = inFieldOrder(json)
    // A field such as `owner` stands in the form; its column is the framework's.
    const own = (field: DocField): boolean => !frameworkNames.has(field.fieldname)
    this.valueFields = this.fields.filter((field) => columnType(field) !== null && own(field))
    this.tableFields = this.fields.filter((field) => fieldtypeOf(field).refers === 'table')
    this.linkFields = this.valueFields.filter((field) => fieldtypeOf(field).refers !== undefined)
    this.passwordFields = this.valueFields.filter((field) => field.fieldtype === 'Password')
    this.virtualFields = this.fields.filter(
      (field) => field.is_virtual === 1 && fieldtypeOf(field).value !== null,
    )
    this.fetchFields = this.valueFields.filter((field) => field.fetch_from?.includes('.'))
    this.setOnlyOnceFields = [...this.valueFields, ...this.tableFields].filter(
      (field) => field.set_only_once === 1,
    )
    this.tracksChanges = json.track_changes === 1 && !json.istable
    this.allowsRename = json.allow_rename === 1
    this.permissions = json.permissions ?? []
    this.indexes = json.indexes ?? []
    this.titleField = json.title_field === '' ? undefined : json.title_field
    this.searchFields = (json.search_fields ?? '').split(/[\s,]+/).filter((name) => name !== '')
    this.sortField = json.sort_field === undefined || json.sort_field === '' ? 'modified' : json.sort_field
    this.sortOrder = json.sort_order ?? 'DESC'
    this.table = `tab${json.name}`
    this.#byName = new Map(this.fields.map((field) => [field.fieldname, field]))
    this.#columns = [...frameworkColumns(this), ...this.valueFields.map((field) => field.fieldname)]
  }

  /** The field of that name, layout and tables included. */
  field(name: string): DocField | undefined {
    return this.#byName.get(name)
  }

  /** Names that a query may use: the framework's columns, then the fields' own. */
  columns(): readonly string[] {
    return this.#columns
  }
}

/** The columns that the framework adds to this DocType's table, in the table's order. */
export function frameworkColumns(meta: Meta): readonly string[] {
  if (meta.isTable) return [...standardColumns, ...childColumns]
  const seen = meta.json.track_seen ? ['_seen'] : []
  const tree = meta.isTree && !meta.field('lft') ? ['lft', 'rgt'] : []
  return [...standardColumns, ...tree, ...socialColumns, ...seen]
}

function inFieldOrder(json: DocTypeJson): readonly DocField[] {
  const order = new Map((json.field_order ?? []).map((name, position) => [name, position]))
  const last = order.size
  return json.fields.toSorted((a, b) => (order.get(a.fieldname) ?? last) - (order.get(b.fieldname) ?? last))
}
