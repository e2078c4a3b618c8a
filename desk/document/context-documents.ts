import type { Context } from '../context.ts'
import type { Document } from './document.ts'
import { insertDoc, type InsertOptions } from './insert.ts'
import { getList, type ListQuery, type ListRow } from './list.ts'
import { existsDoc, getDoc, newDoc } from './load.ts'
import { readSecret } from './secrets.ts'

/** What a unit of work does with documents; every Context has it. Nothing here asks for permission but `getList`. */
export abstract class ContextDocuments {
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

  /** Loads a document with its child rows, without asking for permission. @throws DoesNotExistError */
  getDoc(this: Context, doctype: string, name: string): Promise<Document> {
    return getDoc(this, doctype, name)
  }

  /** Documents that the caller may read. @throws PermissionError, ValidationError */
  getList(this: Context, doctype: string, query: ListQuery = {}): Promise<ListRow[]> {
    return getList(this, doctype, query)
  }

  exists(this: Context, doctype: string, name: string): Promise<boolean> {
    return existsDoc(this, doctype, name)
  }

  /**
   * The secret that a Password field of a stored document holds; null where there is none.
   * @throws ValidationError where the site's encryption_key is missing or another
   */
  getPassword(this: Context, doctype: string, name: string, fieldname: string): Promise<string | null> {
    return readSecret(this, { doctype, name, fieldname })
  }
}
