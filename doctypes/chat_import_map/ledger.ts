import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { digest } from './digest.ts'
import { insertRows, standardColumns } from './rows.ts'

/** What is known of a document of the source that was brought before. */
export interface Entry {
  target: string
  fingerprint: string
  isPending: boolean
  state: string
}

export interface NewEntry extends Omit<Entry, 'state' | 'isPending'> {
  source: string
  isPending?: boolean
  state?: string
}

type Handle = Context['db']

const NAMES_PER_STATEMENT = 500

/** Which document of the source became which one here: the table Chat Import Map. */
export class Ledger {
  readonly #source: string

  constructor(source: string) {
    this.#source = source
  }

  #key(doctype: string, name: string): string {
    return digest(`${this.#source}\n${doctype}\n${name}`)
  }

  /** The name of a child row that was brought: the same in every run, and like no other. */
  childName(doctype: string, name: string): string {
    return `${BROUGHT}${this.#key(doctype, name).slice(0, 24)}`
  }

  async find(db: Handle, doctype: string, names: readonly string[]): Promise<Map<string, Entry>> {
    const byKey = new Map(names.map((name) => [this.#key(doctype, name), name]))
    const keys = [...byKey.keys()]
    const found = new Map<string, Entry>()
    for (let start = 0; start < keys.length; start += NAMES_PER_STATEMENT) {
      const rows = await rowsOf<{
        name: string
        target_name: string
        fingerprint: string | null
        is_pending: number
        state: string | null
      }>(
        db('tabChat Import Map')
          .whereIn('name', keys.slice(start, start + NAMES_PER_STATEMENT))
          .select('name', 'target_name', 'fingerprint', 'is_pending', 'state'),
      )
      for (const row of rows) {
        found.set(byKey.get(row.name) ?? '', {
          target: row.target_name,
          fingerprint: row.fingerprint ?? '',
          isPending: row.is_pending === 1,
          state: row.state ?? '',
        })
      }
    }
    return found
  }

  async add(ctx: Context, doctype: string, entries: readonly NewEntry[]): Promise<void> {
    const now = ctx.now()
    await insertRows(
      ctx,
      'Chat Import Map',
      entries.map(({ source, target, fingerprint, isPending = false, state = '' }) => ({
        ...standardColumns(this.#key(doctype, source), ctx.user, now),
        source: this.#source,
        source_doctype: doctype,
        source_name: source,
        target_name: target,
        fingerprint,
        is_pending: isPending ? 1 : 0,
        state,
      })),
    )
  }

  async update(
    ctx: Context,
    doctype: string,
    name: string,
    change: Partial<Omit<Entry, 'target'>>,
  ): Promise<void> {
    await ctx
      .db('tabChat Import Map')
      .where({ name: this.#key(doctype, name) })
      .update({
        modified: ctx.now(),
        ...(change.fingerprint !== undefined && { fingerprint: change.fingerprint }),
        ...(change.isPending !== undefined && { is_pending: change.isPending ? 1 : 0 }),
        ...(change.state !== undefined && { state: change.state }),
      })
  }

  /** Everything of a kind that was brought from this source, by its name there. */
  async all(db: Handle, doctype: string): Promise<Map<string, string>> {
    const rows = await rowsOf<{ source_name: string; target_name: string }>(
      db('tabChat Import Map')
        .where({ source: this.#source, source_doctype: doctype })
        .select('source_name', 'target_name'),
    )
    return new Map(rows.map(({ source_name, target_name }) => [source_name, target_name]))
  }
}

/** How the names of child rows that were brought begin. */
export const BROUGHT = 'frappe-'
