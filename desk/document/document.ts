import type { Context } from '../context.ts'
import type { Meta } from '../meta/meta.ts'
import type { InsertOptions } from './insert.ts'
import { toPlain, type PlainDoc } from './plain.ts'
import type { Renaming, RenameOptions } from './rename.ts'
import type { SaveOptions } from './save.ts'
import type { DbSetOptions } from './db-set.ts'
import { textOf } from './text.ts'

/** A row as the database holds it. */
export type StoredRow = Readonly<Record<string, unknown>>

type StoredRows = Record<string, readonly StoredRow[]>

/** What the database held of a document. */
export interface Stored {
  row: StoredRow
  /** By the table's field. */
  rows: Readonly<StoredRows>
}

/** The columns that every document has. */
export interface StandardFields {
  name: string
  owner: string
  creation: string
  modified: string
  modified_by: string
  docstatus: number
  idx: number
}

/**
 * A document: its fields are own properties, child tables are arrays of documents. A controller extends it and
 * defines the life-cycle methods it needs.
 */
export class Document implements StandardFields {
  declare name: string
  declare owner: string
  declare creation: string
  declare modified: string
  declare modified_by: string
  declare docstatus: number
  declare idx: number
  declare parent?: string
  declare parentfield?: string
  declare parenttype?: string

  readonly #ctx: Context
  readonly #meta: Meta
  #stored: StoredRow | null = null
  #storedRows: StoredRows = {}
  /** Undefined until the first save of this object; null while it is inserted. */
  #before: Stored | null | undefined
  #renaming: Renaming | null = null
  /** Fields that are called like something which every document has. */
  #covered: Map<string, unknown> | undefined

  constructor(ctx: Context, meta: Meta) {
    this.#ctx = ctx
    this.#meta = meta
  }

  get ctx(): Context {
    return this.#ctx
  }

  get meta(): Meta {
    return this.#meta
  }

  get doctype(): string {
    return this.#meta.name
  }

  get isNew(): boolean {
    return this.#stored === null
  }

  /** The row as it was last read from or written to the database. */
  get stored(): StoredRow | null {
    return this.#stored
  }

  /** The rows of a child table as they were last read or written. */
  storedRows(fieldname: string): readonly StoredRow[] {
    return this.#storedRows[fieldname] ?? []
  }

  /** In the events of a rename: from what to what. `before_rename` may change `to`. */
  get renaming(): Renaming | null {
    return this.#renaming
  }

  /** For the life cycle. */
  markRenaming(renaming: Renaming | null): void {
    this.#renaming = renaming
  }

  /** For the life cycle: remembers what the database holds now. */
  markStored(row: StoredRow): void {
    this.#stored = row
  }

  /** For the life cycle: the same of the child rows, as they stand. */
  markRowsStored(): void {
    for (const { fieldname } of this.#meta.tableFields) {
      this.#storedRows[fieldname] = this.children(fieldname).flatMap(({ stored }) => (stored ? [stored] : []))
    }
  }

  /** For the life cycle: a save begins; what is stored now is the state before it. */
  markBefore(): void {
    this.#before = this.#storedState()
  }

  #storedState(): Stored | null {
    return this.#stored && { row: this.#stored, rows: { ...this.#storedRows } }
  }

  /**
   * The document as it was before this save, for the events of a save; null in those of an insert. Outside of them:
   * as it was before the last save, or as it is stored.
   */
  getDocBeforeSave(): Document | null {
    const before = this.#before === undefined ? this.#storedState() : this.#before
    return before && this.#ctx.life.fromStored(this, before)
  }

  /** Whether a field differs from its state before this save; true for a new document. */
  hasValueChanged(fieldname: string): boolean {
    const before = this.#before === undefined ? this.#storedState() : this.#before
    return !before || this.#ctx.life.differs(this, fieldname, before)
  }

  /** A field's value; the only way to one that is called like something which every document has, as `children`. */
  get(fieldname: string): unknown {
    if (isCovered(fieldname)) return this.#covered?.get(fieldname)
    return Object.hasOwn(this, fieldname) ? Reflect.get(this, fieldname) : undefined
  }

  set(fieldname: string, value: unknown): void {
    if (isCovered(fieldname)) (this.#covered ??= new Map()).set(fieldname, value)
    else Reflect.set(this, fieldname, value)
  }

  /** A field's value as text, empty where it has none. */
  text(fieldname: string): string {
    return textOf(this, fieldname)
  }

  /** The rows of a child table. */
  children(fieldname: string): Document[] {
    const rows = this.get(fieldname)
    return Array.isArray(rows) ? (rows as Document[]) : []
  }

  /** Adds a row to a child table. */
  append(fieldname: string, values: Record<string, unknown>): Document {
    const field = this.#meta.field(fieldname)
    if (!field?.options) throw new Error(`${this.doctype} has no child table ${fieldname}.`)
    const row = this.#ctx.newDoc(field.options, values)
    const rows = this.children(fieldname)
    rows.push(row)
    this.set(fieldname, rows)
    return row
  }

  /**
   * The secret of a Password field in the clear: what was just set, else what is stored; null where there is none.
   * @throws ValidationError where the site's encryption_key is missing or another
   */
  getPassword(fieldname: string): Promise<string | null> {
    return this.#ctx.life.password(this, fieldname)
  }

  /**
   * Writes fields straight into the table and this document: no life cycle, no permission (Frappe's `db_set`).
   * Values are checked; `modified` moves along unless `updateModified` is false.
   */
  async dbSet(values: Readonly<Record<string, unknown>>, options: DbSetOptions = {}): Promise<this> {
    await this.#ctx.life.dbSet(this, values, options)
    return this
  }

  /** Renames the document, and every link to it. @throws as `ctx.renameDoc` */
  async rename(to: string, options: RenameOptions = {}): Promise<this> {
    const name = await this.#ctx.renameDoc(this.doctype, this.name, to, options)
    await this.#ctx.life.load(this, name)
    return this
  }

  async insert(options: InsertOptions = {}): Promise<this> {
    await this.#ctx.life.insert(this, options)
    return this
  }

  /** Writes what has changed. @throws TimestampMismatchError if somebody else saved it since it was read */
  async save(options: SaveOptions = {}): Promise<this> {
    await (this.isNew ? this.#ctx.life.insert(this, options) : this.#ctx.life.save(this, options))
    return this
  }

  async delete(options: SaveOptions = {}): Promise<void> {
    await this.#ctx.life.delete(this, options)
  }

  async reload(): Promise<this> {
    await this.#ctx.life.load(this, this.name)
    return this
  }

  /** Life-cycle methods, for a controller to define; `this` is the document. */
  before_insert?(ctx: Context): void | Promise<void>
  before_naming?(ctx: Context): void | Promise<void>
  autoname?(ctx: Context): void | Promise<void>
  before_validate?(ctx: Context): void | Promise<void>
  validate?(ctx: Context): void | Promise<void>
  before_save?(ctx: Context): void | Promise<void>
  after_insert?(ctx: Context): void | Promise<void>
  on_update?(ctx: Context): void | Promise<void>
  on_change?(ctx: Context): void | Promise<void>
  on_trash?(ctx: Context): void | Promise<void>
  after_delete?(ctx: Context): void | Promise<void>
  before_rename?(ctx: Context): void | Promise<void>
  after_rename?(ctx: Context): void | Promise<void>

  /** All fields as data, child tables included. */
  plain(): PlainDoc {
    return toPlain(this)
  }
}

const covering: ReadonlySet<string> = new Set(
  [Document.prototype, Object.prototype].flatMap((prototype) => Object.getOwnPropertyNames(prototype)),
)

/**
 * Whether every document has something of that name. A field may have it, too (apps' DocTypes know nothing of what
 * desk's documents can do): then `get` and `set` reach the field, and the property is what it always is.
 */
export const isCovered = (fieldname: string): boolean => covering.has(fieldname)

export type DocumentClass = new (ctx: Context, meta: Meta) => Document

/** A document with its fields as properties, but for those that are called like something every document has. */
type DocumentWith<Fields> = Document & Omit<Fields, Exclude<keyof Document, keyof StandardFields>>

/** The base class of a controller whose fields are typed: `class ChatRoom extends documentOf<ChatRoomFields>()`. */
export function documentOf<Fields extends object>(): new (ctx: Context, meta: Meta) => DocumentWith<Fields> {
  return Document as new (ctx: Context, meta: Meta) => DocumentWith<Fields>
}
