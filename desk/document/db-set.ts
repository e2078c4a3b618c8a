import type { Document } from './document.ts'
import { duplicate } from './insert.ts'
import { columnValues, type SetValueOptions } from './queries.ts'
import { storeSecrets, takeSecrets } from './secrets.ts'
import { writeSingleValues } from './single.ts'

export type DbSetOptions = SetValueOptions

/** Writes fields of a stored document straight into its table. @throws ValidationError for values that do not fit */
export async function dbSet(
  doc: Document,
  values: Readonly<Record<string, unknown>>,
  { updateModified = true }: DbSetOptions = {},
): Promise<void> {
  const { ctx, meta } = doc
  const passwords = new Set(meta.passwordFields.map(({ fieldname }) => fieldname))
  const plain = Object.fromEntries(Object.entries(values).filter(([name]) => !passwords.has(name)))
  const row: Record<string, unknown> = {
    ...columnValues(meta, plain),
    ...(updateModified ? { modified: ctx.now(), modified_by: ctx.user } : {}),
  }
  for (const [name, value] of Object.entries(row)) doc.set(name, value)
  const given = Object.keys(values).filter((name) => passwords.has(name))
  for (const name of given) doc.set(name, values[name])
  const secrets = given.length > 0 ? takeSecrets(doc) : []
  for (const name of given) row[name] = doc.get(name) ?? null
  if (Object.keys(row).length === 0) return
  try {
    if (meta.isSingle) await writeSingleValues(ctx, meta, row)
    else await ctx.db(meta.table).where({ name: doc.name }).update(row)
  } catch (error) {
    throw duplicate(error, doc)
  }
  await storeSecrets(ctx, secrets)
  doc.markStored({ ...doc.stored, ...row })
  ctx.noticeUpdate(doc.doctype, doc.name, doc.modified)
}
