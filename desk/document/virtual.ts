import { ValidationError } from '../errors.ts'
import type { Meta } from '../meta/meta.ts'

/** @throws ValidationError for a DocType without a table */
export function refuseVirtual(meta: Meta): void {
  if (!meta.isVirtual) return
  throw new ValidationError(
    `${meta.name} is a virtual DocType: it has no table. Read and write it by the methods of its app.`,
  )
}
