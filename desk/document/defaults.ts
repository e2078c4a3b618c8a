import type { Context } from '../context.ts'
import type { DocField } from '../meta/doctype.ts'
import type { Meta } from '../meta/meta.ts'
import { emptyValue } from './checks.ts'
import { castValue } from './values.ts'

/**
 * The values of a new document, as in Frappe: static defaults and its keywords (Today, now, __user); else the first
 * choice of a Select; Check and numbers 0.
 */
export function defaultValues(meta: Meta, ctx: Context): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const field of meta.valueFields) {
    const value = defaultValue(field, ctx)
    if (value !== undefined) values[field.fieldname] = value
  }
  for (const field of meta.tableFields) values[field.fieldname] = []
  return values
}

function defaultValue(field: DocField, ctx: Context): unknown {
  const text = field.default?.trim() ?? ''
  if (text === '') return firstChoice(field) ?? emptyValue(field) ?? undefined
  if (text.startsWith(':')) return undefined
  if (/^now$/i.test(text)) {
    const now = ctx.now()
    if (field.fieldtype === 'Date') return now.slice(0, 10)
    return field.fieldtype === 'Time' ? now.slice(11) : now
  }
  if (/^(__)?today$/i.test(text))
    return field.fieldtype === 'Datetime'
      ? `${ctx.now().slice(0, 10)} 00:00:00.000000`
      : ctx.now().slice(0, 10)
  if (/^(__user|user)$/i.test(text)) return ctx.user
  return castValue(field, field.default)
}

/** Undefined where the choices begin with an empty line: then nothing is chosen. */
function firstChoice({ fieldtype, options = '' }: DocField): string | undefined {
  const first = fieldtype === 'Select' ? options.split('\n', 1)[0]?.trim() : ''
  return first === '' ? undefined : first
}
