import { ValidationError } from '../errors.ts'

/** A period of whole days, both included. */
export type Period = readonly [first: string, last: string]

type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year'

const DAY = 86_400_000

/**
 * Frappe's words for a period (`last 7 days`, `this month`, `next quarter`, `yesterday`), as dates. Weeks begin on
 * Sunday, Frappe's default. @param today `YYYY-MM-DD…` in the site's time zone @throws ValidationError
 */
export function timespan(words: string, today: string): Period {
  const now = new Date(`${today.slice(0, 10)}T00:00:00Z`)
  const text = words.trim().toLowerCase()
  const single = { yesterday: -1, today: 0, tomorrow: 1 }[text]
  if (single !== undefined) return [iso(addDays(now, single)), iso(addDays(now, single))]
  const counted = /^(last|next) (\d{1,3}) (days|months)$/.exec(text)
  if (counted) {
    const [, which, count, unit] = counted
    const steps = Number(count) * (which === 'last' ? -1 : 1)
    const other = unit === 'days' ? addDays(now, steps) : addMonths(now, steps)
    return steps < 0 ? [iso(other), iso(now)] : [iso(now), iso(other)]
  }
  const [, which, unit] = /^(last|this|next) (week|month|quarter|year)$/.exec(text) ?? []
  if (!which) {
    throw new ValidationError(
      `"${words.slice(0, 40)}" is no timespan: say today, last 7 days, this month, next quarter or the like.`,
    )
  }
  return whole(now, unit as Unit, which === 'last' ? -1 : which === 'next' ? 1 : 0)
}

/** The week, month, quarter or year that many before or after the one that the date is in. */
function whole(date: Date, unit: Unit, offset: number): Period {
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  if (unit === 'week') {
    const sunday = addDays(date, offset * 7 - date.getUTCDay())
    return [iso(sunday), iso(addDays(sunday, 6))]
  }
  const months = unit === 'year' ? 12 : unit === 'quarter' ? 3 : 1
  const first = month - (month % months) + offset * months
  return [iso(new Date(Date.UTC(year, first, 1))), iso(new Date(Date.UTC(year, first + months, 0)))]
}

const addDays = (date: Date, days: number): Date => new Date(date.getTime() + days * DAY)

/** The same day of another month, or that month's last. */
function addMonths(date: Date, months: number): Date {
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return new Date(Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay)))
}

const iso = (date: Date): string => date.toISOString().slice(0, 10)
