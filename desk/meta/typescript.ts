import type { DocField } from './doctype.ts'
import { fieldtypeOf, isNotNull } from './fieldtypes.ts'
import type { Meta } from './meta.ts'
import { pascal, scrub } from './names.ts'

const lineWidth = 110

/** The interface that stands for a DocType's fields: `Chat Room` → `ChatRoomFields`. */
export const interfaceName = (doctype: string): string => `${pascal(doctype)}Fields`

/**
 * The text of `doctypes/<snake>/<snake>.types.ts`: one interface of the document's own fields, in the order
 * of the form. The same DocType always gives the same text, formatted as prettier would.
 *
 * @param meta the DocType
 * @param children metas of its child DocTypes that lie in sibling folders of the same app; the rows of others
 *   (another app's) are typed as plain records
 */
export function renderTypes(meta: Meta, children: readonly Meta[] = []): string {
  const known = new Set(children.map((child) => child.name))
  const used = [...new Set(meta.tableFields.map((field) => field.options ?? ''))]
    .filter((name) => known.has(name) && name !== meta.name)
    .toSorted()
  const imports = used.map(
    (name) => `import type { ${interfaceName(name)} } from '../${scrub(name)}/${scrub(name)}.types.ts'\n`,
  )
  const members = meta.fields
    .filter((field) => fieldtypeOf(field).value !== null || fieldtypeOf(field).refers === 'table')
    .map((field) => member(field, known))
  const head = `// Generated from ${scrub(meta.name)}.json by the build: edit that file instead.\n`
  const body = members.length === 0 ? '{}' : `{\n${members.join('')}}`
  return [
    head,
    imports.length > 0 ? `\n${imports.join('')}` : '',
    `\n/** The fields of ${meta.name}. */\nexport interface ${interfaceName(meta.name)} ${body}\n`,
  ].join('')
}

function member(field: DocField, known: ReadonlySet<string>): string {
  const types = memberTypes(field, known)
  const key = /^\d/.test(field.fieldname) ? `'${field.fieldname}'` : field.fieldname
  const line = `  ${key}: ${types.join(' | ')}\n`
  if (line.length - 1 <= lineWidth || types.length === 1) return line
  return `  ${key}:\n${types.map((type) => `    | ${type}\n`).join('')}`
}

function memberTypes(field: DocField, known: ReadonlySet<string>): readonly string[] {
  const orNull = isNotNull(field) ? [] : ['null']
  if (field.fieldtype === 'Select') return [...selectTypes(field), ...orNull]
  const type = fieldtypeOf(field)
  switch (type.value) {
    case 'check':
      return ['0', '1']
    case 'integer':
    case 'decimal':
      return ['number', ...orNull]
    case null:
      return [
        `${known.has(field.options ?? '') ? interfaceName(field.options ?? '') : 'Record<string, unknown>'}[]`,
      ]
    default:
      return ['string', ...orNull]
  }
}

/** Each line of the options is a choice; an empty line allows the empty string. */
function selectTypes({ options }: DocField): readonly string[] {
  const choices = [...new Set((options ?? '').split('\n').map((choice) => choice.trim()))]
  return choices.join('') === '' ? ['string'] : choices.map(quote)
}

/** As prettier quotes: single, unless that would need more escapes. */
function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  const singles = text.split("'").length
  const doubles = text.split('"').length
  return singles > doubles ? `"${escaped.replaceAll('"', '\\"')}"` : `'${escaped.replaceAll("'", "\\'")}'`
}
