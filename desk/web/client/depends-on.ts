import type { Doc } from './meta.ts'
import { plain } from './plain.ts'

/**
 * Whether a field is shown, by its `depends_on`: a fieldname ("shown when it is set") or `eval:` with comparisons
 * of `doc.<field>` to literals, joined by `&&` and `||`. A strict Content-Security-Policy forbids running text as
 * code, so anything richer counts as "shown": nothing is ever out of reach.
 */
export function isShown(condition: string | undefined, doc: Doc): boolean {
  const text = condition?.trim()
  if (!text) return true
  if (!text.startsWith('eval:')) return /^\w+$/.test(text) ? isSet(doc[text]) : true
  return anyOf(text.slice('eval:'.length), doc) ?? true
}

function anyOf(text: string, doc: Doc): boolean | null {
  const results = text.split('||').map((part) => allOf(part, doc))
  return results.includes(null) ? null : results.includes(true)
}

function allOf(text: string, doc: Doc): boolean | null {
  const results = text.split('&&').map((part) => test(part.trim(), doc))
  return results.includes(null) ? null : !results.includes(false)
}

const bare = /^(!*)\s*doc\.(\w+)$/
const comparison = /^doc\.(\w+)\s*(===?|!==?|>=?|<=?)\s*(?:"([^"]*)"|'([^']*)'|(-?\d+(?:\.\d+)?))$/
const membership =
  /^(!?)\s*(?:in_list\(\s*(\[[^\]]*\])\s*,\s*doc\.(\w+)\s*\)|(\[[^\]]*\])\.includes\(\s*doc\.(\w+)\s*\))$/

function test(text: string, doc: Doc): boolean | null {
  const alone = bare.exec(text)
  if (alone) return isSet(doc[alone[2] ?? '']) !== ((alone[1] ?? '').length % 2 === 1)
  const compared = comparison.exec(text)
  if (compared) {
    const [, field = '', operator = '', double, single, digits] = compared
    return compare(doc[field], operator, digits === undefined ? (double ?? single ?? '') : Number(digits))
  }
  const listed = membership.exec(text)
  if (!listed) return null
  const items = literals(listed[2] ?? listed[4] ?? '')
  const found = items.includes(plain(doc[listed[3] ?? listed[5] ?? '']))
  return found !== (listed[1] === '!')
}

function compare(value: unknown, operator: string, literal: string | number): boolean {
  const same = typeof literal === 'number' ? Number(value ?? 0) === literal : plain(value) === literal
  if (operator.startsWith('=')) return same
  if (operator.startsWith('!')) return !same
  const [left, right] = typeof literal === 'number' ? [Number(value ?? 0), literal] : [plain(value), literal]
  const order = left < right ? -1 : left > right ? 1 : 0
  if (operator === '>') return order > 0
  if (operator === '>=') return order >= 0
  return operator === '<' ? order < 0 : order <= 0
}

function literals(list: string): string[] {
  return [...list.matchAll(/"([^"]*)"|'([^']*)'|(-?\d+(?:\.\d+)?)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  )
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return value !== null && value !== undefined && value !== '' && value !== 0 && value !== '0'
}
