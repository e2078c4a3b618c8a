const QUARTER_HOUR = 900_000
const MOST_OFFSETS = 1000

/**
 * Time as the database stores it: `YYYY-MM-DD HH:MM:SS.ffffff`, in the site's time zone, without a zone mark.
 * Within one process no two calls answer the same.
 */
export class Clock {
  readonly zone: string
  readonly #format: Intl.DateTimeFormat
  /** By quarter of an hour. */
  readonly #offsets = new Map<number, number>()
  #lastMs = 0
  #micros = 0

  /** @param zone IANA name, such as `Europe/Berlin` @throws RangeError for an unknown zone */
  constructor(zone: string) {
    this.zone = zone
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  now(): string {
    const ms = Date.now()
    if (ms > this.#lastMs) {
      this.#lastMs = ms
      this.#micros = 0
    } else {
      this.#micros += 1
      if (this.#micros > 999) {
        this.#lastMs += 1
        this.#micros = 0
      }
    }
    return this.#text(this.#lastMs, this.#micros)
  }

  /** The site's text for an instant. @param ms milliseconds since 1970 UTC */
  at(ms: number): string {
    return this.#text(ms, 0)
  }

  #text(ms: number, micros: number): string {
    const local = new Date(ms + this.#offsetAt(ms)).toISOString()
    return `${local.slice(0, 10)} ${local.slice(11, 23)}${String(micros).padStart(3, '0')}`
  }

  /** Zones change their offset at full quarters of an hour only. */
  #offsetAt(ms: number): number {
    const quarter = Math.floor(ms / QUARTER_HOUR)
    const known = this.#offsets.get(quarter)
    if (known !== undefined) return known
    const offset = this.#readOffset(ms)
    if (this.#offsets.size >= MOST_OFFSETS) this.#offsets.clear()
    this.#offsets.set(quarter, offset)
    return offset
  }

  #readOffset(ms: number): number {
    const part = Object.fromEntries(
      this.#format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]),
    )
    const wall = Date.UTC(
      part.year ?? 0,
      (part.month ?? 1) - 1,
      part.day,
      part.hour,
      part.minute,
      part.second,
    )
    return wall - Math.floor(ms / 1000) * 1000
  }
}
