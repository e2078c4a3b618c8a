import { differs, fromStored } from './before.ts'
import { dbSet } from './db-set.ts'
import { deleteDoc } from './delete.ts'
import { insertDoc } from './insert.ts'
import { loadRow } from './load.ts'
import { saveDoc } from './save.ts'
import { passwordOf } from './secrets.ts'

/** What documents do, reached through their context: so that the class of documents needs none of these modules. */
export const life = {
  insert: insertDoc,
  save: saveDoc,
  delete: deleteDoc,
  load: loadRow,
  password: passwordOf,
  dbSet,
  fromStored,
  differs,
} as const
