import { randomUUID } from 'node:crypto'
import type { Database } from '../db/database.ts'
import type { Bus, BusMessage } from './bus.ts'

const TABLE = '__Signals'
const POLL_MS = 400
/** How far the clocks of two machines may be apart. */
const SKEW_MS = 10_000
const KEPT_MS = 60_000

interface Row {
  name: string
  sender: string
  message: string
}

/** Milliseconds since 1970 in a text that sorts by time. */
const at = (ms: number): string => String(ms).padStart(15, '0')

/**
 * Tells the site's other processes that logins have ended, through the database: a command of the CLI ends a user's
 * sockets in the server that way, though they share no bus. Where a bus reaches every process this says it twice,
 * which does no harm.
 */
export class Signals {
  readonly #database: Database
  readonly #bus: Bus
  readonly #sender = randomUUID()
  #timer: NodeJS.Timeout | undefined

  constructor(database: Database, bus: Bus) {
    this.#database = database
    this.#bus = bus
  }

  /** After the commit that ended them. */
  async send(messages: readonly BusMessage[]): Promise<void> {
    const closing = messages.filter(({ type }) => type === 'close')
    if (closing.length === 0) return
    const now = Date.now()
    const rows = closing.map((message): Row => ({
      name: `${at(now)}-${randomUUID()}`,
      sender: this.#sender,
      message: JSON.stringify(message),
    }))
    await this.#database.transaction(async (tx) => {
      await tx(TABLE)
        .where('name', '<', at(now - KEPT_MS))
        .delete()
      await tx(TABLE).insert(rows)
    })
  }

  /** Listens from now on. @returns what ends that */
  start(): () => void {
    let from = Date.now() - SKEW_MS
    let seen = new Set<string>()
    const look = async (): Promise<void> => {
      const next = Date.now() - SKEW_MS
      const rows = await this.#database.reader(TABLE).where('name', '>', at(from)).select<Row[]>()
      const news = rows.filter(({ name, sender }) => sender !== this.#sender && !seen.has(name))
      seen = new Set(rows.map(({ name }) => name))
      from = next
      if (news.length > 0) this.#bus.publish(news.map(({ message }) => JSON.parse(message) as BusMessage))
    }
    const again = (): void => {
      this.#timer = setTimeout(() => {
        // A database that does not answer says so to whoever asks it something; the next look asks again.
        void look()
          .catch(() => undefined)
          .finally(() => {
            if (this.#timer) again()
          })
      }, POLL_MS)
      this.#timer.unref()
    }
    again()
    return () => {
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
  }
}
