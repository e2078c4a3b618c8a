import type { DocField } from '../meta/doctype.ts'
import { columnType, fieldtypeOf, isNotNull } from '../meta/fieldtypes.ts'

export const REDACTED = '[deleted]'

/** What stands in a field after its person's data is gone: a word in texts, nothing or 0 elsewhere. */
export function redactedValue(field: DocField): string | number | null {
  const { value, zero, refers } = fieldtypeOf(field)
  if (zero) return 0
  const isText = value === 'text' && refers === undefined && field.fieldtype !== 'Select'
  if (!isText || field.fieldtype.startsWith('Attach') || field.unique === 1)
    return isNotNull(field) ? '' : null
  const room = /^varchar\((\d+)\)$/.exec(columnType(field) ?? '')?.[1]
  return room === undefined ? REDACTED : REDACTED.slice(0, Number(room))
}
