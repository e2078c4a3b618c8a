import type { DocField, DocTypeJson } from './doctype.ts'
import { defaultProblems, spelledOut } from './default-text.ts'
import { columnType, fieldtypeNames, findFieldtype, type Fieldtype } from './fieldtypes.ts'
import { isObject, shapeDocType, type LooseDocType, type LooseField } from './shape.ts'
import { childColumns, standardColumns } from './meta.ts'
import { scrub } from './names.ts'

/** A DocType's JSON that desk cannot use; the message has one line for each problem. */
export class DocTypeError extends Error {
  readonly source: string
  readonly problems: readonly string[]

  constructor(source: string, problems: readonly string[]) {
    super(problems.map((problem) => `${source}: ${problem}`).join('\n'))
    this.name = 'DocTypeError'
    this.source = source
    this.problems = problems
  }
}

/** Names that the framework or JavaScript itself uses on a document. */
const reserved = new Set<string>([
  ...standardColumns.filter((name) => !['owner', 'idx'].includes(name)),
  ...childColumns,
  'doctype',
  'flags',
  'file_list',
  'constructor',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
  '__proto__',
])

const longestTable = 64
const longestFieldname = 63
/** InnoDB indexes 3072 bytes, four a character. */
const longestIndex = 768
const mostCharacters = 1000

/**
 * Checks what a `.json` file holds and answers with it as a DocType; unknown keys are left alone.
 *
 * @param source the file, for messages
 * @throws DocTypeError with all the problems at once
 */
export function parseDocType(json: unknown, source: string): DocTypeJson {
  if (!isObject(json)) throw new DocTypeError(source, ['a DocType is a JSON object'])
  const shaped = shapeDocType(json)
  const fields = withTreeFields(shaped.doctype, namedFields(shaped.doctype.fields))
  const doctype = { ...shaped.doctype, ...sortOrder(shaped.doctype), fields }
  const problems = [
    ...shaped.problems,
    ...headProblems(doctype),
    ...doctype.fields.flatMap((field) => fieldProblems(field, hasTable(doctype))),
    ...duplicateProblems(doctype),
    ...referenceProblems(doctype),
    ...autonameProblems(doctype),
    ...indexProblems(doctype),
    ...permissionProblems(doctype),
  ]
  if (problems.length > 0) throw new DocTypeError(source, problems)
  // What the types say beyond NamedDocType has just been checked.
  return doctype as DocTypeJson
}

type NamedDocType = Omit<LooseDocType, 'fields'> & { fields: DocField[] }

const blank = { fieldname: '', fieldtype: '' }

/** Upper case, and none where the file has an empty one. */
function sortOrder({ sort_order }: LooseDocType): { sort_order?: string } {
  return sort_order === undefined ? {} : { sort_order: sort_order.trim().toUpperCase() || 'DESC' }
}

/** The fields that Frappe gives a tree, where the file leaves them out. */
function withTreeFields({ is_tree, name }: LooseDocType, fields: DocField[]): DocField[] {
  if (is_tree !== 1) return fields
  const present = new Set(fields.map(({ fieldname }) => fieldname))
  const hidden = { hidden: 1, read_only: 1, no_copy: 1 } as const
  const tree: DocField[] = [
    { fieldname: 'lft', fieldtype: 'Int', label: 'Left', ...hidden },
    { fieldname: 'rgt', fieldtype: 'Int', label: 'Right', ...hidden },
    { fieldname: 'is_group', fieldtype: 'Check', label: 'Is Group' },
    { fieldname: 'old_parent', fieldtype: 'Link', label: 'Old Parent', options: name, ...hidden },
    { fieldname: scrub(`parent_${name}`), fieldtype: 'Link', label: `Parent ${name}`, options: name },
  ]
  return [...fields, ...tree.filter(({ fieldname }) => !present.has(fieldname))]
}

/**
 * What Frappe reads into a field: a name from the label where there is none (breaks have one by their place), options
 * without blanks around a DocType's name, defaults that are numbers as text.
 */
function namedFields(fields: readonly LooseField[]): DocField[] {
  return fields.map((given, position) => {
    const { default: fallback, ...rest } = given
    const field: DocField = { ...blank, ...rest }
    if (fallback !== undefined) field.default = spelledOut(String(fallback), field)
    if (findFieldtype(field.fieldtype)?.refers && field.options) field.options = field.options.trim()
    if (field.fieldname === '' && field.label && findFieldtype(field.fieldtype)?.column !== null)
      field.fieldname = nameFromLabel(field.label)
    if (field.fieldname || findFieldtype(field.fieldtype)?.column !== null) return field
    if (findFieldtype(field.fieldtype)?.refers) return field
    return { ...field, fieldname: `${field.fieldtype.toLowerCase().replaceAll(' ', '_')}_${position + 1}` }
  })
}

const nameFromLabel = (label: string): string =>
  label
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')

function headProblems({ doctype, name, module, sort_order }: NamedDocType): string[] {
  const problems: string[] = []
  if (doctype !== 'DocType') problems.push('doctype must be "DocType"')
  if (typeof name !== 'string' || !/^[A-Za-z][\w -]*$/.test(name) || name.trim() !== name) {
    problems.push(`name ${show(name)}: start with a letter, then letters, digits, spaces, _ and -`)
  } else if (`tab${name}`.length > longestTable) {
    problems.push(`name ${show(name)}: at most ${longestTable - 3} characters`)
  }
  if (!module) problems.push('module is missing')
  if (sort_order !== undefined && sort_order !== 'ASC' && sort_order !== 'DESC') {
    problems.push(`sort_order ${show(sort_order)}: ASC or DESC`)
  }
  return problems
}

/** Singles and virtual DocTypes have no columns: what their fields ask of one means nothing, as in Frappe. */
const hasTable = ({ issingle, is_virtual }: NamedDocType): boolean => issingle !== 1 && is_virtual !== 1

function fieldProblems(field: DocField, inTable: boolean): string[] {
  const at = (problem: string): string => `field ${show(field.fieldname)}: ${problem}`
  const problems = fieldnameProblems(field.fieldname)
  const type = findFieldtype(field.fieldtype)
  if (!type) {
    problems.push(`unknown fieldtype ${show(field.fieldtype)}; known are ${fieldtypeNames.join(', ')}`)
    return problems.map(at)
  }
  if (type.refers && !field.options?.trim()) {
    const meaning = type.refers === 'dynamic' ? 'the field that names the DocType' : 'a DocType'
    problems.push(`${field.fieldtype} needs options: ${meaning}`)
  }
  if (inTable) problems.push(...columnProblems(field, type))
  if (type.sized && field.length !== undefined && !isCount(field.length, mostCharacters)) {
    problems.push(`length ${show(field.length)}: a whole number from 1 to ${mostCharacters}, or 0`)
  }
  return [...problems, ...defaultProblems(field)].map(at)
}

function columnProblems(field: DocField, type: Fieldtype): string[] {
  const problems: string[] = []
  // search_index on what cannot be indexed is in many of Frappe's files, and means nothing there.
  if (type.unindexed && field.unique) problems.push(`${field.fieldtype} is text: it cannot be unique`)
  if (type.column === null && field.unique)
    problems.push(`${field.fieldtype} has no column: it cannot be unique`)
  if ((field.unique || field.search_index) && indexedLength(field) > longestIndex)
    problems.push(`an index takes at most ${longestIndex} characters`)
  return problems
}

/** Characters that the column takes in an index; numbers and dates are small. */
const indexedLength = (field: DocField): number =>
  Number(/^varchar\((\d+)\)$/.exec(columnType(field) ?? '')?.[1] ?? 2)

const isCount = (length: number, most: number): boolean =>
  Number.isInteger(length) && length >= 0 && length <= most

function fieldnameProblems(fieldname: string | undefined): string[] {
  if (!fieldname) return ['fieldname is missing']
  if (!/^\w+$/.test(fieldname)) return ['a fieldname has letters, digits and _ only']
  if (fieldname.length > longestFieldname) return [`a fieldname has at most ${longestFieldname} characters`]
  if (reserved.has(fieldname)) return ['this name is reserved for the framework']
  return []
}

function duplicateProblems({ fields }: NamedDocType): string[] {
  const counts = new Map<string, number>()
  for (const { fieldname } of fields) {
    // Columns are case-insensitive on both databases.
    const key = fieldname.toLowerCase()
    if (key !== '') counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([fieldname, count]) => `field ${show(fieldname)}: used ${count} times`)
}

/** Other parts of the DocType that name a field of it. */
function referenceProblems(doctype: NamedDocType): string[] {
  const searched = (doctype.search_fields ?? '').split(/[\s,]+/).filter((name) => name !== '')
  const named: readonly (readonly [string, string | undefined])[] = [
    ['title_field', doctype.title_field],
    ...(doctype.sort_field ?? '')
      .split(',')
      .map((part) => ['sort_field', part.trim().replace(/\s+(asc|desc)$/i, '')] as const),
    ...searched.map((name) => ['search_fields', name] as const),
    ...doctype.fields
      .filter((field) => findFieldtype(field.fieldtype)?.refers === 'dynamic')
      .map((field) => [`field ${show(field.fieldname)}: options`, field.options] as const),
  ]
  const known = knownNames(doctype)
  return named
    .filter(([, name]) => name && !known.has(name))
    .map(([key, name]) => `${key}: no field ${show(name)}`)
}

function knownNames({ fields }: NamedDocType): Set<string | undefined> {
  return new Set([...standardColumns, ...childColumns, ...fields.map(({ fieldname }) => fieldname)])
}

const plainAutoname = /^(hash|prompt|autoincrement|uuid|naming_series:.*)?$/i

/** The forms of frappe-contract §3; each field that a form names must exist. */
function autonameProblems(doctype: NamedDocType): string[] {
  const autoname = (doctype.autoname ?? '').trim()
  const at = (problem: string): string => `autoname ${show(autoname)}: ${problem}`
  const known = knownNames(doctype)
  if (/^naming_series:/i.test(autoname) && !known.has('naming_series'))
    return [at('no field "naming_series"')]
  if (plainAutoname.test(autoname)) return []
  if (/^field:/i.test(autoname)) {
    const name = autoname.slice('field:'.length).trim()
    return known.has(name) ? [] : [at(`no field ${show(name)}`)]
  }
  if (/^format:/i.test(autoname)) return formatProblems(autoname, known).map(at)
  // Anything else is the beginning of a series, as in Frappe; what ends in a colon was meant to be a rule.
  if (!/[<>]|^\w+:/.test(autoname)) return []
  return [
    at('use field:f, format:X-{####}, a series such as X-.####, naming_series:, hash, Prompt, autoincrement'),
  ]
}

const dateTokens = new Set(['YYYY', 'YY', 'MM', 'DD', 'WW', 'FY', 'timestamp', 'JJJ'])

function formatProblems(autoname: string, known: ReadonlySet<string | undefined>): string[] {
  const tokens = [...autoname.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '')
  const rest = autoname.replaceAll(/\{[^{}]*\}/g, '')
  if (/[{}]/.test(rest)) return ['a brace is not closed']
  if (tokens.length === 0) return ['a format needs a {token}, as in format:X-{####}']
  return tokens
    .filter((token) => !/^#+$/.test(token) && !dateTokens.has(token) && !known.has(token))
    .map((token) => `no field ${show(token)}`)
}

const standardName = { fieldtype: 'Data' }

function indexProblems(doctype: NamedDocType): string[] {
  const known = knownNames(doctype)
  const byName = new Map(doctype.fields.map((field) => [field.fieldname, field]))
  return doctype.indexes.flatMap(({ fields }, position) => {
    const at = (problem: string): string => `indexes[${position}]: ${problem}`
    if (fields === undefined || fields.length === 0) return [at('fields must list at least one field')]
    const unknown = fields.filter((name) => !known.has(name))
    if (unknown.length > 0) return unknown.map((name) => at(`no field ${show(name)}`))
    const columns: DocField[] = fields.map((name) => byName.get(name) ?? { fieldname: name, ...standardName })
    const refused = columns.filter(({ fieldtype }) => {
      const type = findFieldtype(fieldtype)
      return type && (type.column === null || type.unindexed)
    })
    const length = columns
      .filter(({ fieldtype }) => findFieldtype(fieldtype))
      .reduce((sum, column) => sum + indexedLength(column), 0)
    return [
      ...refused.map(({ fieldname, fieldtype }) =>
        at(`field ${show(fieldname)} is ${fieldtype}, which cannot be indexed`),
      ),
      ...(length > longestIndex ? [at(`an index takes at most ${longestIndex} characters`)] : []),
    ]
  })
}

function permissionProblems({ permissions }: NamedDocType): string[] {
  return (permissions ?? []).flatMap((row, position) =>
    row.role ? [] : [`permissions[${position}]: role is missing`],
  )
}

const show = (value: string | number | undefined): string =>
  value === undefined ? 'missing' : JSON.stringify(value)
