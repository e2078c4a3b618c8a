import { ADMINISTRATOR, type Context, type Site } from '@f-chat/desk'
import { publishToOthers } from '../events.ts'
import { Typists, type Typist, type TypingRules } from './typists.ts'

/** Tells a room's other members who types there. */
export class Typing {
  readonly #site: Site
  readonly #typists: Typists
  readonly #now: () => number
  readonly #changed: (user: string) => Promise<void>

  /** @param changed is told of users who have begun or stopped */
  constructor(site: Site, rules: TypingRules, now: () => number, changed: (user: string) => Promise<void>) {
    this.#site = site
    this.#typists = new Typists(rules)
    this.#now = now
    this.#changed = changed
  }

  /** The user types; whoever calls has checked that they may write there. */
  async typing(typist: Typist): Promise<void> {
    if (this.#typists.typing(typist, this.#now())) await this.#tell([typist], true)
  }

  /** The user has stopped, or has sent what they wrote. */
  async stop(user: string, room: string): Promise<void> {
    const typist = this.#typists.stopped(user, room)
    if (typist) await this.#tell([typist], false)
  }

  /** Those who have said nothing more for a while have stopped. */
  async tick(): Promise<void> {
    const expired = this.#typists.expired(this.#now())
    if (expired.length > 0) await this.#tell(expired, false)
  }

  /** The room that each of those types in who do. */
  rooms(): ReadonlyMap<string, string> {
    return this.#typists.rooms()
  }

  async #tell(typists: readonly Typist[], isTyping: boolean): Promise<void> {
    for (const { user } of typists) await this.#changed(user)
    const publish = (ctx: Context): Promise<void> => {
      for (const { user, name, room } of typists) {
        publishToOthers(ctx, room, user, 'user_typing', {
          ...{ user, user_name: name, room_id: room },
          ...{ is_typing: isTyping, timestamp: ctx.now() },
        })
      }
      return Promise.resolve()
    }
    await this.#site.read({ user: ADMINISTRATOR }, publish)
  }
}
