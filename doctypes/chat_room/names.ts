import type { Context, Site } from '@f-chat/desk'

const KEPT_MS = 60_000
const MOST = 10_000

/** Facts that events need with every message and that hardly ever change, read at most once a minute. */
class Cache<T extends object> {
  readonly #load: (ctx: Context, key: string) => Promise<T | undefined>
  readonly #sites = new WeakMap<Site, Map<string, { value: T; until: number }>>()

  constructor(load: (ctx: Context, key: string) => Promise<T | undefined>) {
    this.#load = load
  }

  async get(ctx: Context, key: string): Promise<T | undefined> {
    const entries = this.#entries(ctx.site)
    const found = entries.get(key)
    if (found && found.until > Date.now()) return found.value
    const value = await this.#load(ctx, key)
    if (!value) return undefined
    if (entries.size >= MOST) entries.clear()
    entries.set(key, { value, until: Date.now() + KEPT_MS })
    return value
  }

  forget(site: Site, key: string): void {
    this.#sites.get(site)?.delete(key)
  }

  #entries(site: Site): Map<string, { value: T; until: number }> {
    let entries = this.#sites.get(site)
    if (!entries) {
      entries = new Map<string, { value: T; until: number }>()
      this.#sites.set(site, entries)
    }
    return entries
  }
}

/** A room's name and type; undefined where there is no room of exactly that id. */
export const roomNames = new Cache(async (ctx, room) => {
  const row = await ctx
    .db('tabChat Room')
    .where({ name: room })
    .first<{ name: string; room_name: string; room_type: string } | undefined>(
      'name',
      'room_name',
      'room_type',
    )
  // MariaDB's collation finds `cr-1` and `CR-1 ` too: only the id itself is the room's.
  return row?.name === room ? row : undefined
})

export const userNames = new Cache(async (ctx, user) => {
  return await ctx
    .db('tabUser')
    .where({ name: user })
    .first<{ full_name: string | null; user_image: string | null } | undefined>('full_name', 'user_image')
})

/** What to call a user, and their picture. */
export async function personShown(
  ctx: Context,
  user: string,
): Promise<{ name: string; image: string | null }> {
  const found = await userNames.get(ctx, user)
  return { name: found?.full_name ?? user, image: found?.user_image ?? null }
}
