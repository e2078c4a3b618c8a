import { randomBytes, randomUUID } from 'node:crypto'

/** How a DocType names its documents; the reading of its `autoname` (frappe-contract.md §3). */
export type NamingRule =
  | { by: 'hash' | 'prompt' | 'uuid' | 'autoincrement' }
  | { by: 'field'; field: string }
  | { by: 'naming_series' }
  | { by: 'format'; template: string }
  | { by: 'series'; pattern: string }

export function namingRule(autoname: string | undefined): NamingRule {
  const rule = autoname?.trim() ?? ''
  if (rule === '' || /^hash$/i.test(rule)) return { by: 'hash' }
  if (/^prompt$/i.test(rule)) return { by: 'prompt' }
  if (/^uuid$/i.test(rule)) return { by: 'uuid' }
  if (/^autoincrement$/i.test(rule)) return { by: 'autoincrement' }
  if (/^field:/i.test(rule)) return { by: 'field', field: rule.slice(6).trim() }
  if (/^naming_series:/i.test(rule)) return { by: 'naming_series' }
  if (/^format:/i.test(rule)) return { by: 'format', template: rule.slice(7).trim() }
  return { by: 'series', pattern: rule }
}

/** What a name may be made of: the document's fields and the site's date. */
export interface NamingInputs {
  field: (fieldname: string) => string
  /** `YYYY-MM-DD…` in the site's time zone. */
  now: string
}

/** A name with at most a number still missing: `prefix + number padded to digits + suffix`. */
export interface NamePlan {
  prefix: string
  suffix: string
  /** The row of tabSeries that counts; null where the name needs no number. */
  series: string | null
  digits: number
}

const complete = (name: string): NamePlan => ({ prefix: name, suffix: '', series: null, digits: 0 })

/** Fills a dotted pattern such as `CHAT-.YYYY.-.####`; the number counts per evaluated prefix. */
export function planSeries(pattern: string, inputs: NamingInputs): NamePlan {
  let prefix = ''
  let suffix = ''
  let digits: number | undefined
  const parts = pattern.includes('#') ? pattern.split('.') : [...pattern.split('.'), '#####']
  for (const part of parts) {
    if (/^#+$/.test(part) && digits === undefined) digits = part.length
    else if (digits === undefined) prefix += evaluate(part, inputs)
    else suffix += evaluate(part, inputs)
  }
  return { prefix, suffix, series: prefix, digits: digits ?? 5 }
}

/** Fills `X-{MM}-{field}-{####}`. As in Frappe, every number in a format comes from the series named "". */
export function planFormat(template: string, inputs: NamingInputs): NamePlan {
  const plan = complete('')
  for (const part of template.split(/(\{[^{}]*\})/)) {
    const inner = /^\{(.*)\}$/.exec(part)?.[1]
    if (inner !== undefined && /^#+$/.test(inner) && plan.series === null) {
      plan.series = ''
      plan.digits = inner.length
      continue
    }
    const text = inner === undefined ? part : evaluate(inner, inputs)
    if (plan.series === null) plan.prefix += text
    else plan.suffix += text
  }
  return plan
}

/** The name, once its number is known. */
export function completeName(plan: NamePlan, number: number): string {
  if (plan.series === null) return plan.prefix
  return plan.prefix + String(number).padStart(plan.digits, '0') + plan.suffix
}

function evaluate(token: string, { field, now }: NamingInputs): string {
  const [year = '', month = '', day = ''] = now.slice(0, 10).split('-')
  switch (token) {
    case 'YYYY':
      return year
    case 'YY':
      return year.slice(2)
    case 'MM':
      return month
    case 'DD':
      return day
    case 'WW':
      return String(isoWeek(Number(year), Number(month), Number(day))).padStart(2, '0')
    case 'FY':
      return year
    case 'timestamp':
      return now
    case 'JJJ':
      return String(dayOfYear(Number(year), Number(month), Number(day))).padStart(3, '0')
    default:
      return /^[a-z][a-z0-9_]*$/.test(token) ? field(token) || token : token
  }
}

const dayOfYear = (year: number, month: number, day: number): number =>
  (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 0)) / 86_400_000

/** ISO 8601 week of a date. */
export function isoWeek(year: number, month: number, day: number): number {
  const date = new Date(Date.UTC(year, month - 1, day))
  date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7))
  const firstDay = Date.UTC(date.getUTCFullYear(), 0, 1)
  return Math.ceil(((date.getTime() - firstDay) / 86_400_000 + 1) / 7)
}

/** Ten random characters, Frappe's fallback name. */
export function hashName(): string {
  return BigInt(`0x${randomBytes(8).toString('hex')}`)
    .toString(36)
    .padStart(13, '0')
    .slice(-10)
}

export const uuidName = randomUUID

/** Why a name may not be used, or null. */
export function nameProblem(name: string): string | null {
  if (name.trim() === '') return 'A name must not be empty.'
  if (Array.from(name).length > 140) return 'A name has at most 140 characters.'
  if (/[<>]/.test(name)) return 'A name must not contain < or >.'
  if (/\p{Cc}/u.test(name)) return 'A name must not contain control characters.'
  return null
}
