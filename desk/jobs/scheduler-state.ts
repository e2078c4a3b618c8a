import type { Knex } from 'knex'
import type { Site } from '../site/site.ts'

/** Who leads, kept beside the Singles: a row a key, changed by compare and swap. */
const DOCTYPE = 'Scheduler'
const TABLE = 'tabSingles'

/** Which of the processes asks for the scheduled jobs. */
export interface Leader {
  holder: string
  /** Until when it leads without another sign; milliseconds since 1970. */
  until: number
  /** When it last looked at the schedule. */
  tick: number
}

export interface SchedulerState {
  /** `bench scheduler enable` and `disable`. */
  enabled: boolean
  /** `bench scheduler pause` and `resume`, or `pause_scheduler` in the site's config. */
  paused: boolean
  leader: Leader | null
  /** The leader as it is stored, for the swap. */
  stored: string | null
}

export async function readSchedulerState(site: Site): Promise<SchedulerState> {
  const rows = await site.database
    .reader(TABLE)
    .where({ doctype: DOCTYPE })
    .select<{ field: string; value: string | null }[]>('field', 'value')
  const value = (field: string): string | null => rows.find((row) => row.field === field)?.value ?? null
  const stored = value('leader')
  return {
    enabled: value('enabled') !== '0',
    paused: value('paused') === '1' || Boolean(site.config.pause_scheduler),
    leader: stored === null ? null : (JSON.parse(stored) as Leader),
    stored,
  }
}

/** Puts the new leader in the place of the one that was read. @returns false where another was quicker */
export async function swapLeader(site: Site, stored: string | null, leader: Leader): Promise<boolean> {
  const key = { doctype: DOCTYPE, field: 'leader' }
  const value = JSON.stringify(leader)
  return await site.database.transaction(async (tx) => {
    if (stored !== null)
      return (
        (await tx(TABLE)
          .where({ ...key, value: stored })
          .update({ value })) > 0
      )
    if (await tx(TABLE).where(key).first<object | undefined>('field')) return false
    // Two that come first: the primary key lets one of them in.
    await tx(TABLE).insert({ ...key, value })
    return true
  })
}

/** Switches what the running processes heed at their next look, within seconds. */
export async function switchScheduler(db: Knex, field: 'enabled' | 'paused', on: boolean): Promise<void> {
  await db(TABLE)
    .insert({ doctype: DOCTYPE, field, value: on ? '1' : '0' })
    .onConflict(['doctype', 'field'])
    .merge(['value'])
}

/** What the scheduler does, for people. */
export function describeScheduler({ enabled, paused, leader }: SchedulerState, now: number): string {
  const state = enabled ? (paused ? 'paused' : 'enabled') : 'disabled'
  if (!leader || leader.until < now) return `${state}; no process serves the site now`
  const seconds = Math.max(0, Math.round((now - leader.tick) / 1000))
  return `${state}; led by ${leader.holder}, which looked ${String(seconds)} s ago`
}
