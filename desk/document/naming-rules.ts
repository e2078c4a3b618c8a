import type { Knex } from 'knex'
import type { Document } from './document.ts'
import { planSeries, type NamingInputs } from './naming.ts'

/** The topic under which rules are cached. */
export const NAMING_RULES = 'document-naming-rules'

interface Condition {
  field: string
  condition: string
  value: string
}

interface Rule {
  name: string
  prefix: string
  prefix_digits: number
  conditions: Condition[]
}

/** The next name by the Document Naming Rule that fits the document; undefined where none does. */
export async function nameByDocumentRule(doc: Document, inputs: NamingInputs): Promise<string | undefined> {
  const { ctx, doctype } = doc
  const rules = await ctx.cached(NAMING_RULES, doctype, (db) => readRules(db, doctype))
  const rule = rules.find(({ conditions }) => conditions.every((one) => holds(doc, one)))
  if (!rule) return undefined
  // The update locks the row until the commit: numbers have no gaps, and none comes twice.
  await ctx.db('tabDocument Naming Rule').where({ name: rule.name }).increment('counter', 1)
  const [counter] = await ctx
    .db('tabDocument Naming Rule')
    .where({ name: rule.name })
    .pluck<number[]>('counter')
  if (counter === undefined) return undefined
  return planSeries(`${rule.prefix}.#`, inputs).prefix + String(counter).padStart(rule.prefix_digits, '0')
}

async function readRules(db: Knex, doctype: string): Promise<Rule[]> {
  const rules = await db('tabDocument Naming Rule')
    .where({ document_type: doctype, disabled: 0 })
    .orderBy([
      { column: 'priority', order: 'desc' },
      { column: 'creation', order: 'asc' },
    ])
    .select<Omit<Rule, 'conditions'>[]>('name', 'prefix', 'prefix_digits')
  if (rules.length === 0) return []
  const conditions = await db('tabDocument Naming Rule Condition')
    .whereIn(
      'parent',
      rules.map(({ name }) => name),
    )
    .select<(Condition & { parent: string })[]>('parent', 'field', 'condition', 'value')
  return rules.map((rule) => ({
    ...rule,
    conditions: conditions.filter(({ parent }) => parent === rule.name),
  }))
}

/** Numbers are compared as numbers, everything else as text. */
function holds(doc: Document, { field, condition, value }: Condition): boolean {
  const is = doc.text(field)
  const asNumbers = is !== '' && [is, value].every((text) => Number.isFinite(Number(text)))
  const order = asNumbers ? Number(is) - Number(value) : is < value ? -1 : is > value ? 1 : 0
  switch (condition) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '>':
      return order > 0
    case '<':
      return order < 0
    case '>=':
      return order >= 0
    default:
      return order <= 0
  }
}
