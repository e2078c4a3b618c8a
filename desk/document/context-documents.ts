import type { Context } from '../context.ts'
import type { Document } from './document.ts'
import { insertDoc, type InsertOptions } from './insert.ts'
import { ValidationError } from '../errors.ts'
import { life } from './life.ts'
import { getList, getListOfValues, type ListQuery, type ListRow } from './list.ts'
import { getDoc, newDoc } from './load.ts'
import { countDocs, existsWhich, getValues, setValue, type SetValueOptions, type Which } from './queries.ts'
import { copyDoc } from './copy.ts'
import { renameDoc, type RenameOptions } from './rename.ts'
import { readSecret } from './secrets.ts'

/** What a unit of work does with documents; every Context has it. Nothing here asks for permission but `getList`. */
export abstract class ContextDocuments {
  /** For documents: what their methods do. */
  get life(): typeof life {
    return life
  }

  /** A document that is not stored yet, with its defaults set. */
  newDoc(this: Context, doctype: string, values: Record<string, unknown> = {}): Document {
    return newDoc(this, doctype, values)
  }

  /** New and inserted in one step; the caller needs the right to create, unless told otherwise. */
  async insert(
    this: Context,
    doctype: string,
    values: Record<string, unknown>,
    options: InsertOptions = {},
  ): Promise<Document> {
    const doc = newDoc(this, doctype, values)
    await insertDoc(doc, options)
    return doc
  }

  /** A new document with the fields of another, but for its name, its passwords and what is marked `no_copy`. */
  copyDoc(this: Context, doc: Document): Document {
    return copyDoc(doc)
  }

  /**
   * Gives a document another name, everywhere: in its rows and its secrets, in every link to it. With `merge` it
   * is given up for the document that has the name. Answers with the new name. Needs write permission, and `allow_rename` unless forced.
   * @throws ValidationError, InvalidNameError, PermissionError, DoesNotExistError, DuplicateEntryError
   */
  renameDoc(
    this: Context,
    doctype: string,
    from: string,
    to: string,
    options: RenameOptions = {},
  ): Promise<string> {
    return renameDoc(this, doctype, from, to, options)
  }

  /** Loads a document with its child rows, without asking for permission. @throws DoesNotExistError */
  getDoc(this: Context, doctype: string, name: string): Promise<Document> {
    return getDoc(this, doctype, name)
  }

  /** Documents that the caller may read. @throws PermissionError, ValidationError */
  getList(this: Context, doctype: string, query: ListQuery = {}): Promise<ListRow[]> {
    return getList(this, doctype, query)
  }

  /** The same as lists of values, in the order of `fields`. */
  getListOfValues(this: Context, doctype: string, query: ListQuery = {}): Promise<unknown[][]> {
    return getListOfValues(this, doctype, query)
  }

  /** Documents that fit, whoever asks; all of them, unless `limit_page_length` says otherwise. */
  getAll(this: Context, doctype: string, query: ListQuery = {}): Promise<ListRow[]> {
    return getList(this, doctype, { limit_page_length: 0, ...query, ignorePermissions: true })
  }

  /** Whether there is a document of that name, or one that the filters find. */
  exists(this: Context, doctype: string, which: Which): Promise<boolean> {
    return existsWhich(this, doctype, which)
  }

  /** How many documents the filters find; all without them. */
  count(this: Context, doctype: string, filters?: unknown): Promise<number> {
    return countDocs(this, doctype, filters)
  }

  /**
   * A field of the first document that fits, undefined where there is none; of a list of fields, an object of them.
   * On a Single `which` is not looked at.
   */
  async getValue(this: Context, doctype: string, which: Which, field: string): Promise<unknown>
  async getValue(
    this: Context,
    doctype: string,
    which: Which,
    fields: readonly string[],
  ): Promise<ListRow | undefined>
  async getValue(
    this: Context,
    doctype: string,
    which: Which,
    fields: string | readonly string[],
  ): Promise<unknown> {
    const [row] = await getValues(this, doctype, which, typeof fields === 'string' ? [fields] : fields, 1)
    return typeof fields === 'string' ? row && Object.values(row)[0] : row
  }

  /** The fields of every document that fits. */
  getValues(this: Context, doctype: string, which: Which, fields: readonly string[]): Promise<ListRow[]> {
    return getValues(this, doctype, which, fields, 0)
  }

  /** A field of a Single; its default until it is saved. */
  async getSingleValue(this: Context, doctype: string, field: string): Promise<unknown> {
    if (!this.meta(doctype).isSingle) throw new ValidationError(`${doctype} is no single document.`)
    return await this.getValue(doctype, doctype, field)
  }

  /**
   * Writes fields of the document of that name, or of all that the filters find, straight into the table: no
   * controller, no hooks, no permission, no Version (Frappe's `db.set_value`). Values are checked all the same.
   */
  setValue(
    this: Context,
    doctype: string,
    which: Which,
    values: Readonly<Record<string, unknown>>,
    options: SetValueOptions = {},
  ): Promise<void> {
    return setValue(this, doctype, which, values, options)
  }

  /**
   * The secret that a Password field of a stored document holds; null where there is none.
   * @throws ValidationError where the site's encryption_key is missing or another
   */
  getPassword(this: Context, doctype: string, name: string, fieldname: string): Promise<string | null> {
    return readSecret(this, { doctype, name, fieldname })
  }
}
