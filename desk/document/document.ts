import type { Context } from '../context.ts'
import type { Meta } from '../meta/meta.ts'
import { deleteDoc } from './delete.ts'
import { insertDoc, type InsertOptions } from './insert.ts'
import { loadRow } from './load.ts'
import { saveDoc, type SaveOptions } from './save.ts'
import { passwordOf } from './secrets.ts'
import { toPlain, type PlainDoc } from './plain.ts'
import { textOf } from './text.ts'

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
  #stored: Readonly<Record<string, unknown>> | null = null

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
  get stored(): Readonly<Record<string, unknown>> | null {
    return this.#stored
  }

  /** For the life cycle: remembers what the database holds now. */
  markStored(row: Readonly<Record<string, unknown>>): void {
    this.#stored = row
  }

  get(fieldname: string): unknown {
    return Object.hasOwn(this, fieldname) ? Reflect.get(this, fieldname) : undefined
  }

  set(fieldname: string, value: unknown): void {
    Reflect.set(this, fieldname, value)
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
    return passwordOf(this, fieldname)
  }

  async insert(options: InsertOptions = {}): Promise<this> {
    await insertDoc(this, options)
    return this
  }

  /** Writes what has changed. @throws TimestampMismatchError if somebody else saved it since it was read */
  async save(options: SaveOptions = {}): Promise<this> {
    await (this.isNew ? insertDoc(this, options) : saveDoc(this, options))
    return this
  }

  async delete(options: SaveOptions = {}): Promise<void> {
    await deleteDoc(this, options)
  }

  async reload(): Promise<this> {
    await loadRow(this, this.name)
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

/** Whether a field of that name would hide what every document can do; `text` may, the framework does without. */
export function hidesDocument(fieldname: string): boolean {
  return fieldname !== 'text' && fieldname in Document.prototype
}

export type DocumentClass = new (ctx: Context, meta: Meta) => Document

/** The base class of a controller whose fields are typed: `class ChatRoom extends documentOf<ChatRoomFields>()`. */
export function documentOf<Fields extends object>(): new (ctx: Context, meta: Meta) => Document & Fields {
  return Document as new (ctx: Context, meta: Meta) => Document & Fields
}
