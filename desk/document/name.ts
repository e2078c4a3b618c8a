import { InvalidNameError, MandatoryError } from '../errors.ts'
import type { Document } from './document.ts'
import { runEvent } from './events.ts'
import {
  completeName,
  hashName,
  nameProblem,
  namingRule,
  planFormat,
  planSeries,
  uuidName,
  type NamingInputs,
  type NamePlan,
} from './naming.ts'
import { nameByDocumentRule } from './naming-rules.ts'
import { textOf } from './text.ts'

/**
 * Names a new document by its DocType's rule; a name sent along counts for Prompt only, unless it is to be kept.
 * @throws InvalidNameError
 */
export async function setName(doc: Document, keep = false): Promise<void> {
  if (!doc.isNew) return
  const given = typeof doc.get('name') === 'string' ? doc.name : ''
  await runEvent(doc, 'before_naming')
  if (doc.meta.isTable) {
    doc.name = hashName()
    return
  }
  doc.name = keep ? given : ''
  if (!doc.name) doc.name = (await nameByDocumentRule(doc, inputsOf(doc))) ?? ''
  if (!doc.name) await runEvent(doc, 'autoname')
  if (!doc.name) doc.name = await nameByRule(doc, given)
  const problem = nameProblem(doc.name)
  if (problem) throw new InvalidNameError(problem)
}

const inputsOf = (doc: Document): NamingInputs => ({
  now: doc.ctx.now(),
  field: (fieldname) => textOf(doc, fieldname),
})

async function nameByRule(doc: Document, given: string): Promise<string> {
  const { ctx, meta } = doc
  const rule = namingRule(meta.autoname)
  const inputs = inputsOf(doc)
  const numbered = async (plan: NamePlan): Promise<string> =>
    completeName(
      plan,
      plan.series === null ? 0 : await ctx.site.series.next(ctx, plan.series, rule.by === 'format'),
    )
  switch (rule.by) {
    case 'hash':
      return hashName()
    case 'uuid':
      return uuidName()
    case 'autoincrement':
      return String(await ctx.site.series.next(ctx, meta.name, false))
    case 'prompt':
      if (given.trim() === '') throw new MandatoryError(`${meta.name}: a name is needed.`)
      return given.trim()
    case 'field': {
      const value = textOf(doc, rule.field).trim()
      if (value === '') {
        throw new MandatoryError(
          `${meta.name}: value missing for ${meta.field(rule.field)?.label ?? rule.field}.`,
        )
      }
      return value
    }
    case 'naming_series': {
      const series =
        textOf(doc, 'naming_series') || (meta.field('naming_series')?.options ?? '').split('\n')[0]?.trim()
      if (!series) throw new MandatoryError(`${meta.name}: choose a naming series.`)
      doc.set('naming_series', series)
      return await numbered(planSeries(series.includes('#') ? series : `${series}.#####`, inputs))
    }
    case 'series':
      return await numbered(planSeries(rule.pattern, inputs))
    case 'format':
      return await numbered(planFormat(rule.template, inputs))
  }
}
