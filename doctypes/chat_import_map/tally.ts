/** What became of rows: new here, here already, changed since the last run. */
export type Became = 'brought' | 'present' | 'changed'

/** A row that is broken, or did not come as it was. */
export interface Listed {
  doctype: string
  name: string
  reason: string
}

interface Counts extends Record<Became, number> {
  listed: number
}

/** Counts and lists of one import, or of one transaction of it. */
export class Tally {
  readonly counts = new Map<string, Counts>()
  readonly listed: Listed[] = []

  add(doctype: string, became: Became, count = 1): void {
    this.#countsOf(doctype)[became] += count
  }

  list(doctype: string, name: string, reason: string): void {
    this.listed.push({ doctype, name, reason })
    this.#countsOf(doctype).listed += 1
  }

  /** Takes in what a transaction has told, once it has committed. */
  take(other: Tally): void {
    for (const [doctype, counts] of other.counts) {
      const own = this.#countsOf(doctype)
      for (const key of ['brought', 'present', 'changed', 'listed'] as const) own[key] += counts[key]
    }
    for (const one of other.listed) this.listed.push(one)
  }

  #countsOf(doctype: string): Counts {
    let counts = this.counts.get(doctype)
    if (!counts) this.counts.set(doctype, (counts = { brought: 0, present: 0, changed: 0, listed: 0 }))
    return counts
  }
}
