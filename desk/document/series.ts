import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import type { Database } from '../db/database.ts'

const LARGEST_BLOCK = 100
/** A block that is used up within this time is followed by one twice as large. */
const BUSY_MS = 1000

interface Block {
  next: number
  end: number
  size: number
  takenAt: number
}

/**
 * Numbers for names, from tabSeries.
 *
 * A series of a pattern counts inside the document's transaction, so that it has no gaps. The one series that all
 * `format:` names of a site share would make every insert wait for every other; there a busy process takes numbers
 * in blocks, outside the transaction: gaps are harmless, since order comes from other columns.
 */
export class Series {
  readonly #database: Database
  readonly #blocks = new Map<string, Block>()
  readonly #refills = new Map<string, Promise<Block>>()

  constructor(database: Database) {
    this.#database = database
  }

  async next(ctx: Context, series: string, inBlocks: boolean): Promise<number> {
    const { independent } = this.#database
    if (!inBlocks || !independent) return await take(ctx.db, series, 1)
    for (;;) {
      const block = this.#blocks.get(series)
      if (block && block.next <= block.end) return block.next++
      let refill = this.#refills.get(series)
      if (!refill) {
        refill = this.#refill(independent, series, block).finally(() => this.#refills.delete(series))
        this.#refills.set(series, refill)
      }
      await refill
    }
  }

  async #refill(
    independent: NonNullable<Database['independent']>,
    series: string,
    previous: Block | undefined,
  ): Promise<Block> {
    const now = Date.now()
    const busy = previous !== undefined && now - previous.takenAt < BUSY_MS
    const size = busy ? Math.min(previous.size * 2, LARGEST_BLOCK) : 1
    const end = await independent((tx) => take(tx, series, size))
    const block = { next: end - size + 1, end, size, takenAt: now }
    this.#blocks.set(series, block)
    return block
  }
}

/** Takes `count` numbers; answers the last of them. */
async function take(db: Knex, series: string, count: number): Promise<number> {
  const [row] = await db('tabSeries')
    .insert({ name: series, current: count })
    .onConflict('name')
    .merge({ current: db.raw('?? + ?', ['tabSeries.current', count]) })
    .returning<{ current: number }[]>('current')
  if (!row) throw new Error(`tabSeries gave no number for "${series}".`)
  return row.current
}
