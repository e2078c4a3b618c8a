import { createHash } from 'node:crypto'
import type { IndexSpec } from './types.ts'

const longest = 64

/** An index with the name that desk gives it: its columns, so that a duplicate's error tells them. */
export function index(columns: readonly string[], unique = false): IndexSpec {
  return { name: indexName(columns, unique), columns, unique }
}

/**
 * The name of an index over these columns. Unique: `sender,client_id`; else `chat_room,seq_index`.
 * MariaDB's limit is 64 characters: longer ones end in a digest.
 */
export function indexName(columns: readonly string[], unique: boolean): string {
  const name = columns.join(',') + (unique ? '' : '_index')
  if (name.length <= longest) return name
  return `${name.slice(0, longest - 9)}~${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}

/** Desk gave the index its name: only such indexes are ever dropped, an administrator's own are not. */
export function isOurs(found: IndexSpec): boolean {
  return found.name === indexName(found.columns, found.unique)
}

/** The columns that a unique index's name tells; undefined when the name was cut, or is not desk's. */
export function columnsOfUnique(name: string): string[] | undefined {
  return /^\w+(,\w+)*$/.test(name) ? name.split(',') : undefined
}
