import type { Context } from '../context.ts'
import { namingRule } from '../document/naming.ts'
import type { Meta } from '../meta/meta.ts'

/** Counters of the app's names that no other DocType counts with. */
export async function removeSeries(ctx: Context, metas: readonly Meta[]): Promise<void> {
  // Where nothing but fields and dates is in front of the number, the counter may be anybody's.
  const own = metas.flatMap(seriesOf).filter(({ isTelling }) => isTelling)
  const others = [...ctx.site.registry.metas()].flatMap(seriesOf)
  const names = await ctx.db('tabSeries').pluck<string[]>('name')
  const gone = names.filter(
    (name) => own.some(({ fits }) => fits.test(name)) && !others.some(({ fits }) => fits.test(name)),
  )
  await ctx.db('tabSeries').whereIn('name', gone).delete()
}

/** Rows of tabSeries by their name. */
interface SeriesPattern {
  fits: RegExp
  isTelling: boolean
}

/** What rows of tabSeries a DocType counts in: as the row's name, its date and fields left open. */
function seriesOf(meta: Meta): SeriesPattern[] {
  const rule = namingRule(meta.autoname)
  switch (rule.by) {
    case 'format':
      return /\{#+\}/.test(rule.template) ? [exactly('')] : []
    case 'series':
      return [prefixOf(meta, rule.pattern)]
    case 'naming_series':
      return (meta.field('naming_series')?.options ?? '')
        .split('\n')
        .filter(Boolean)
        .map((pattern) => prefixOf(meta, pattern.trim()))
    case 'autoincrement':
      return [exactly(meta.name)]
    default:
      return []
  }
}

function prefixOf(meta: Meta, pattern: string): SeriesPattern {
  const parts = pattern.split('.')
  const number = parts.findIndex((part) => /^#+$/.test(part))
  const before = parts.slice(0, number < 0 ? parts.length : number).map((part) => openPart(meta, part))
  return {
    fits: new RegExp(`^${before.map(({ source }) => source).join('')}$`),
    isTelling: before.some(({ isOpen }) => !isOpen),
  }
}

function openPart(meta: Meta, part: string): { source: string; isOpen: boolean } {
  if (part === '') return { source: '', isOpen: true }
  if (/^(YYYY|FY)$/.test(part)) return { source: '\\d{4}', isOpen: true }
  if (/^(YY|MM|DD|WW)$/.test(part)) return { source: '\\d{2}', isOpen: true }
  if (part === 'JJJ') return { source: '\\d{3}', isOpen: true }
  if (part === 'timestamp' || meta.field(part)) return { source: '.*', isOpen: true }
  return { source: literally(part), isOpen: false }
}

const literally = (text: string): string => text.replaceAll(/[^\w]/gu, '\\$&')

const exactly = (text: string): SeriesPattern => ({
  fits: new RegExp(`^${literally(text)}$`),
  isTelling: true,
})
