import type { DocTypeJson } from '../../meta/doctype.ts'
import { titleField, type DocField } from './meta.ts'

/** How a field is edited. `none`: it is not shown at all. */
export type FieldKind =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'check'
  | 'select'
  | 'link'
  | 'dynamic-link'
  | 'date'
  | 'time'
  | 'datetime'
  | 'multiline'
  | 'code'
  | 'json'
  | 'password'
  | 'color'
  | 'table'
  | 'display'
  | 'heading'
  | 'none'

const kinds: Readonly<Record<string, FieldKind>> = {
  Int: 'integer',
  Duration: 'integer',
  Float: 'decimal',
  Currency: 'decimal',
  Percent: 'decimal',
  Rating: 'decimal',
  Check: 'check',
  Select: 'select',
  Link: 'link',
  'Dynamic Link': 'dynamic-link',
  Date: 'date',
  Time: 'time',
  Datetime: 'datetime',
  'Small Text': 'multiline',
  Text: 'multiline',
  'Long Text': 'multiline',
  'Text Editor': 'multiline',
  Code: 'code',
  'HTML Editor': 'code',
  'Markdown Editor': 'code',
  Geolocation: 'code',
  JSON: 'json',
  Password: 'password',
  Color: 'color',
  Table: 'table',
  'Table MultiSelect': 'table',
  'Read Only': 'display',
  Signature: 'display',
  Barcode: 'text',
  Heading: 'heading',
  HTML: 'none',
  Button: 'none',
  Image: 'none',
  Fold: 'none',
  'Section Break': 'none',
  'Column Break': 'none',
  'Tab Break': 'none',
}

/** How a fieldtype is edited; one that is not known is edited as text. */
export function kindOf(field: Pick<DocField, 'fieldtype'>): FieldKind {
  return kinds[field.fieldtype] ?? 'text'
}

/** Number kinds stand flush right, in tabular figures. */
export function isNumeric(field: Pick<DocField, 'fieldtype'>): boolean {
  const kind = kindOf(field)
  return kind === 'integer' || kind === 'decimal'
}

export interface Section {
  /** Set on the first section of a tab. */
  tab?: string
  label?: string
  columns: DocField[][]
}

/** Fields in their sections and columns, as the breaks say; hidden fields and what stays empty are left out. */
export function layoutOf(meta: DocTypeJson): Section[] {
  const sections: Section[] = []
  let tab: string | undefined
  let section: Section = { columns: [[]] }
  const close = () => {
    const columns = section.columns.filter((column) => column.length > 0)
    if (columns.length === 0) return
    sections.push({ ...section, columns, ...(tab ? { tab } : {}) })
    tab = undefined
  }
  for (const field of meta.fields) {
    if (field.fieldtype === 'Tab Break' || field.fieldtype === 'Section Break') {
      close()
      if (field.fieldtype === 'Tab Break') tab = field.label
      section = {
        columns: [[]],
        ...(field.fieldtype === 'Section Break' && field.label ? { label: field.label } : {}),
      }
    } else if (field.fieldtype === 'Column Break') {
      section.columns.push([])
    } else if (!field.hidden && kindOf(field) !== 'none') {
      section.columns.at(-1)?.push(field)
    }
  }
  close()
  return sections
}

/** Fields that a form shows and a document keeps (no breaks, no buttons). */
export function valueFields(meta: DocTypeJson): DocField[] {
  return meta.fields.filter((field) => !['none', 'heading'].includes(kindOf(field)))
}

/** The columns of a child table's grid: the fields meant for lists, else the first few that are not hidden. */
export function gridFields(child: DocTypeJson): DocField[] {
  const usable = valueFields(child).filter((field) => !field.hidden && kindOf(field) !== 'table')
  const listed = usable.filter((field) => [field.in_list_view, field.reqd].includes(1))
  return listed.length > 0 ? listed : usable.slice(0, 5)
}

const maxColumns = 6

/** A list's columns before "modified": title or name, what is meant for lists, and the name where it says more. */
export function listFields(meta: DocTypeJson): DocField[] {
  const name: DocField = { fieldname: 'name', fieldtype: 'Data', label: 'ID' }
  const title = titleField(meta)
  const columns = [title ?? { ...name, label: meta.name }]
  for (const field of valueFields(meta)) {
    const listable = field.in_list_view && !field.hidden && !['table', 'password'].includes(kindOf(field))
    if (listable && field !== title && columns.length < maxColumns) columns.push(field)
  }
  const named = title && meta.autoname !== `field:${title.fieldname}`
  if (named && columns.length < maxColumns) columns.push(name)
  return columns
}

/** The choices of a Select, blank first when it may stay empty. */
export function choicesOf(field: DocField): string[] {
  const choices = (field.options ?? '').split('\n').map((choice) => choice.trim())
  const named = choices.filter((choice, index) => choice !== '' && choices.indexOf(choice) === index)
  return field.reqd && !choices.includes('') ? named : ['', ...named]
}
