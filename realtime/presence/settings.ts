import type { Site } from '@f-chat/desk'
import type { TypingRules } from './typists.ts'
import type { PresenceRules } from './user-presence.ts'

/** How presence behaves on a site; all in milliseconds. */
export interface PresenceSettings extends PresenceRules {
  /** Between two looks at what time has changed. */
  tick: number
  /** Between two times that Chat User Activity is written. */
  flush: number
  typing: TypingRules
}

/** Beats come every 25 s; those of a hidden tab, whose timers browsers slow down, every minute or two. */
const IDLE_SECONDS = 180
const FLUSH_SECONDS = 15
const TICK_SECONDS = 1

/** Seconds after which cleanup_stale_users takes a user for gone, and presence a caller without a socket. */
export const STALE_SECONDS = 600

/**
 * From site_config.json: `device_grace_seconds` (20), and `presence: {idle_seconds, flush_seconds, tick_seconds}`
 * (180, 15, 1).
 */
export function presenceSettings({ config }: Site): PresenceSettings {
  const own = typeof config.presence === 'object' && config.presence !== null ? config.presence : {}
  const given: Record<string, unknown> = { ...own, device_grace_seconds: config.device_grace_seconds }
  const ms = (key: string, seconds: number): number => {
    const value = given[key]
    return 1000 * (typeof value === 'number' && value > 0 ? value : seconds)
  }
  return {
    grace: ms('device_grace_seconds', 20),
    idle: ms('idle_seconds', IDLE_SECONDS),
    stale: 1000 * STALE_SECONDS,
    pause: 1000,
    tick: ms('tick_seconds', TICK_SECONDS),
    flush: ms('flush_seconds', FLUSH_SECONDS),
    typing: { pause: 2500, lasts: 8000 },
  }
}
