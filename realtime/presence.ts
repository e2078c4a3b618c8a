import type { Site } from '@f-chat/desk'

const FLUSH_EVERY_MS = 15_000
const ROWS_PER_STATEMENT = 500

/** Who was active lately, kept in memory and written to Chat User Activity in one statement an interval. */
class Presence {
  readonly #site: Site
  #touched = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined

  constructor(site: Site) {
    this.#site = site
  }

  touch(user: string, at: string): void {
    this.#touched.set(user, at)
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#flushOrLog(), FLUSH_EVERY_MS).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#flushOrLog()
  }

  /** Writes what has been touched since the last time; on failure it is kept for the next. */
  async flush(): Promise<void> {
    const touched = this.#touched
    if (touched.size === 0) return
    this.#touched = new Map()
    try {
      await this.#write([...touched])
    } catch (error) {
      this.#touched = new Map([...touched, ...this.#touched])
      throw error
    }
  }

  async #flushOrLog(): Promise<void> {
    try {
      await this.flush()
    } catch (error) {
      this.#site.log.warn({ err: error }, 'presence could not be written; it will be tried again')
    }
  }

  async #write(touched: readonly (readonly [user: string, at: string])[]): Promise<void> {
    await this.#site.asAdministrator(async (ctx) => {
      const now = ctx.now()
      for (let start = 0; start < touched.length; start += ROWS_PER_STATEMENT) {
        const part = touched.slice(start, start + ROWS_PER_STATEMENT)
        const users = await ctx
          .db('tabUser')
          .whereIn(
            'name',
            part.map(([user]) => user),
          )
          .pluck<string[]>('name')
        const existing = new Set(users)
        const rows = part
          .filter(([user]) => existing.has(user))
          .map(([user, at]) => ({
            name: user,
            user,
            owner: user,
            modified_by: user,
            creation: now,
            modified: now,
            chat_status: 'online',
            is_online: 1,
            last_seen: at,
            last_activity: at,
          }))
        if (rows.length === 0) continue
        await ctx
          .db('tabChat User Activity')
          .insert(rows)
          .onConflict('name')
          .merge(['last_activity', 'modified'])
      }
    })
  }
}

const presences = new WeakMap<Site, Presence>()

/** The site's presence, in this process. */
export function presenceOf(site: Site): Presence {
  let presence = presences.get(site)
  if (!presence) {
    presence = new Presence(site)
    presences.set(site, presence)
  }
  return presence
}
