import type { DocTypeJson } from '../../meta/doctype.ts'
import { choicesOf, kindOf, valueFields } from './fields.ts'
import type { Doc, DocField, Meta } from './meta.ts'
import { inputText, isMissing, parseInput } from './values.ts'

/** A document being edited. `raw` holds what was typed into a field while it is being typed, or while it has no meaning. */
export interface Draft {
  readonly values: Doc
  readonly raw: Readonly<Record<string, string>>
}

/**
 * Changes a draft. Several events may come before the next rendering (leaving one field and typing into another),
 * so a change is a function of the newest draft, never of the one that was rendered.
 */
export type Change = (update: (draft: Draft) => Draft) => void

/** A draft of a document that the server knows. */
export function draftOf(doc: Doc): Draft {
  return { values: { ...doc }, raw: {} }
}

/** A draft of a new document with its DocType's static defaults; those that depend on the moment come from the server. */
export function newDraft(meta: DocTypeJson): Draft {
  const values: Doc = {}
  for (const field of valueFields(meta)) {
    const kind = kindOf(field)
    if (kind === 'table') values[field.fieldname] = []
    else if (field.default !== undefined && isStatic(field)) {
      values[field.fieldname] = ['check', 'integer', 'decimal'].includes(kind)
        ? Number(field.default)
        : field.default
    } else if (kind === 'check') values[field.fieldname] = 0
    else if (kind === 'select' && field.reqd) values[field.fieldname] = choicesOf(field)[0] ?? null
  }
  return { values, raw: {} }
}

/** The draft after a value was chosen (a tick, a link, rows). */
export function withValue(draft: Draft, fieldname: string, value: unknown): Draft {
  const { [fieldname]: _, ...raw } = draft.raw
  return { values: { ...draft.values, [fieldname]: value }, raw }
}

/** The draft after text was typed: the value follows as far as the text has a meaning. */
export function withText(draft: Draft, field: DocField, text: string, mark: '.' | ','): Draft {
  const parsed = parseInput(field, text, mark)
  const raw = { ...draft.raw, [field.fieldname]: text }
  return 'problem' in parsed
    ? { values: draft.values, raw }
    : { values: { ...draft.values, [field.fieldname]: parsed.value }, raw }
}

/** The draft after a field was left: text with a meaning gives way to its normal form. */
export function settled(draft: Draft, field: DocField, mark: '.' | ','): Draft {
  const text = draft.raw[field.fieldname]
  if (text === undefined || kindOf(field) === 'password' || 'problem' in parseInput(field, text, mark))
    return draft
  const { [field.fieldname]: _, ...raw } = draft.raw
  return { values: draft.values, raw }
}

/** The text that a field's input shows. */
export function textOf(draft: Draft, field: DocField, mark: '.' | ','): string {
  return draft.raw[field.fieldname] ?? inputText(field, draft.values[field.fieldname], mark)
}

/** What keeps a draft from being saved, by field; rows of child tables count for their table. */
export function problemsOf(
  draft: Draft,
  meta: DocTypeJson,
  mark: '.' | ',',
  children: Meta['children'] = new Map(),
): Record<string, string> {
  const problems: Record<string, string> = {}
  for (const field of valueFields(meta)) {
    const { fieldname } = field
    const text = draft.raw[fieldname]
    const parsed = text === undefined ? undefined : parseInput(field, text, mark)
    if (parsed && 'problem' in parsed) problems[fieldname] = parsed.problem
    else if (isWanted(field, draft) && isMissing(field, draft.values[fieldname])) {
      problems[fieldname] = 'This is needed.'
    } else if (kindOf(field) === 'table') {
      const child = children.get(field.options ?? '')
      const index = child ? rowsOf(draft, fieldname).findIndex((row) => hasProblems(row, child, mark)) : -1
      if (index >= 0) problems[fieldname] = `Row ${index + 1} is not complete.`
    }
  }
  return problems
}

/** A child table's rows. In a draft each row is a draft too, once its table was touched. */
export function rowsOf(draft: Draft, fieldname: string): Draft[] {
  const rows = draft.values[fieldname]
  return Array.isArray(rows)
    ? rows.map((row: unknown) => (isDraft(row) ? row : draftOf(isDoc(row) ? row : {})))
    : []
}

/** The draft after its rows were changed. */
export function withRows(draft: Draft, fieldname: string, update: (rows: Draft[]) => Draft[]): Draft {
  return withValue(draft, fieldname, update(rowsOf(draft, fieldname)))
}

/** The fields that differ from what the server knows, ready to be sent. An empty password means "as it was". */
export function changesOf(draft: Draft, original: Doc, meta: DocTypeJson): Doc {
  const changes: Doc = {}
  for (const field of valueFields(meta)) {
    const { fieldname } = field
    if (kindOf(field) === 'password' && !draft.values[fieldname]) continue
    const value = kindOf(field) === 'table' ? plainRows(draft, fieldname) : (draft.values[fieldname] ?? null)
    const before =
      kindOf(field) === 'table' ? plainRows(draftOf(original), fieldname) : (original[fieldname] ?? null)
    if (JSON.stringify(value) !== JSON.stringify(before)) changes[fieldname] = value
  }
  return changes
}

/** Whether a draft holds anything that the server does not: a changed value, or typed text without a meaning yet. */
export function isDirty(draft: Draft, original: Doc, meta: Meta, mark: '.' | ','): boolean {
  if (Object.keys(changesOf(draft, original, meta)).length > 0) return true
  if (isUnclear(draft, meta, mark)) return true
  return valueFields(meta).some((field) => {
    const child = kindOf(field) === 'table' ? meta.children.get(field.options ?? '') : undefined
    return child && rowsOf(draft, field.fieldname).some((row) => isUnclear(row, child, mark))
  })
}

function isUnclear(draft: Draft, meta: DocTypeJson, mark: '.' | ','): boolean {
  return meta.fields.some((field) => {
    const text = draft.raw[field.fieldname]
    return text !== undefined && 'problem' in parseInput(field, text, mark)
  })
}

function plainRows(draft: Draft, fieldname: string): Doc[] {
  return rowsOf(draft, fieldname).map((row, index) => ({ ...row.values, idx: index + 1 }))
}

/** A stored password does not travel, so it is wanted of new documents only. */
function isWanted(field: DocField, draft: Draft): boolean {
  if (!field.reqd || field.read_only || field.hidden) return false
  return kindOf(field) !== 'password' || draft.values.name === undefined
}

function hasProblems(row: Draft, child: DocTypeJson, mark: '.' | ','): boolean {
  return Object.keys(problemsOf(row, child, mark)).length > 0
}

function isStatic(field: DocField): boolean {
  const value = field.default ?? ''
  const moment = ['Today', 'Now', 'now', 'today', '__user', 'user', 'Created by', 'Modified by'].includes(
    value,
  )
  return value !== '' && !moment && !value.startsWith(':')
}

function isDoc(value: unknown): value is Doc {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDraft(value: unknown): value is Draft {
  return isDoc(value) && isDoc(value.values) && isDoc(value.raw)
}
