import type { Context, Site } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import type { Ledger } from './ledger.ts'

/** DocTypes whose documents are numbered, with what stands before the number. */
export const PREFIX = { 'Chat Room': 'CR', 'Chat Message': 'MSG', 'Chat Call Session': 'CALL' } as const
export type Numbered = keyof typeof PREFIX

/** Numbers that a running server may have taken for itself already (docs/adr/0010). */
const MAY_BE_RESERVED = 200
/** Above it something is wrong with a name, and the counter could not follow for long. */
const LARGEST = 1_000_000_000

/** The number in a name that this site could have given itself; undefined for every other name. */
export function numberIn(doctype: Numbered, name: string): number | undefined {
  const [, digits] = /^[A-Z]+-(\d+)$/.exec(name) ?? []
  const number = Number(digits)
  return digits !== undefined && number <= LARGEST && numbered(doctype, number) === name ? number : undefined
}

const numbered = (doctype: Numbered, number: number): string =>
  `${PREFIX[doctype]}-${String(number).padStart(4, '0')}`

/** Numbers from `after` on, up to `upTo`, which this site leaves to what is brought. */
interface Reserved {
  after: number
  upTo: number
}

/**
 * Which names of the source can be kept. The counter that all names of the site share was raised above the source's
 * largest number before anything was brought, so that nobody here takes one of them; what was below it then may be
 * taken already.
 */
export class Names {
  readonly #reserved: readonly Reserved[]

  private constructor(reserved: readonly Reserved[]) {
    this.#reserved = reserved
  }

  /** @param largest number in the names of the source */
  static async reserve(site: Site, ledger: Ledger, largest: number): Promise<Names> {
    return await site.asAdministrator(async (ctx) => {
      const known = [...(await ledger.all(ctx.db, 'Series'))]
      const reserved = known.map(([after, upTo]) => ({ after: Number(after), upTo: Number(upTo) }))
      const current = await counter(ctx)
      const done = Math.max(0, ...reserved.map(({ upTo }) => upTo))
      if (largest > Math.max(done, current)) {
        await ctx.db('tabSeries').where({ name: '' }).update({ current: largest })
        reserved.push({ after: current, upTo: largest })
        const entry = { source: String(current), target: String(largest), fingerprint: '' }
        await ledger.add(ctx, 'Series', [entry])
      } else if (reserved.length === 0) {
        reserved.push({ after: current, upTo: current })
        await ledger.add(ctx, 'Series', [
          { source: String(current), target: String(current), fingerprint: '' },
        ])
      }
      return new Names(reserved)
    })
  }

  #mayKeep(doctype: Numbered, name: string): boolean {
    const number = numberIn(doctype, name)
    if (number === undefined) return false
    const below = Math.min(...this.#reserved.map(({ after }) => after)) - MAY_BE_RESERVED
    return number <= below || this.#reserved.some(({ after, upTo }) => number > after && number <= upTo)
  }

  /** Names for documents that are about to be inserted, by those of the source: the same where they are free. */
  async choose(ctx: Context, doctype: Numbered, names: readonly string[]): Promise<Map<string, string>> {
    const wanted = names.filter((name) => this.#mayKeep(doctype, name))
    const taken = new Set(
      wanted.length === 0
        ? []
        : (await ctx.db(`tab${doctype}`).whereIn('name', wanted).pluck<string[]>('name')).map((name) =>
            name.toUpperCase(),
          ),
    )
    const kept = new Set(wanted.filter((name) => !taken.has(name)))
    const others = names.filter((name) => !kept.has(name))
    let next = others.length === 0 ? 0 : await takeNumbers(ctx, others.length)
    return new Map(names.map((name) => [name, kept.has(name) ? name : numbered(doctype, next++)]))
  }
}

/** Where the counter of all `format:` names stands, held until the commit. */
async function counter(ctx: Context): Promise<number> {
  await ctx.db('tabSeries').insert({ name: '', current: 0 }).onConflict('name').ignore()
  const [row] = await rowsOf<{ current: number }>(
    ctx.db('tabSeries').where({ name: '' }).forUpdate().select('current'),
  )
  return row?.current ?? 0
}

/** The first of so many new numbers. */
async function takeNumbers(ctx: Context, count: number): Promise<number> {
  const current = await counter(ctx)
  await ctx
    .db('tabSeries')
    .where({ name: '' })
    .update({ current: current + count })
  return current + 1
}
