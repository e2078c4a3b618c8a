import { Cron } from 'croner'
import { SCHEDULE_NAMES, type AppDefinition, type ScheduleName } from '../app.ts'
import type { Context } from '../context.ts'
import type { Job } from './job.ts'

export const TYPE_TABLE = 'tabScheduled Job Type'

/** As Frappe runs them; `all` is every four minutes. */
const CRON: Record<ScheduleName, string> = {
  all: '*/4 * * * *',
  hourly: '0 * * * *',
  hourly_long: '0 * * * *',
  daily: '0 0 * * *',
  daily_long: '0 0 * * *',
  weekly: '0 0 * * 0',
  weekly_long: '0 0 * * 0',
  monthly: '0 0 1 * *',
  monthly_long: '0 0 1 * *',
}

const label = (name: ScheduleName): string =>
  name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')

const cronOf = new Map<string, string>(SCHEDULE_NAMES.map((name) => [label(name), CRON[name]]))

/** A moment of `scheduler_events`, and what runs then. */
interface Scheduled {
  name: string
  method: string
  frequency: string
  cron_format: string | null
}

/**
 * When a schedule runs next: in the site's time zone, an hour that the clocks leave out or show twice considered.
 * @param from milliseconds since 1970 @returns the same, or null for a time that never comes
 */
export function nextRun(
  schedule: Pick<Scheduled, 'frequency' | 'cron_format'>,
  zone: string,
  from: number,
): number | null {
  const pattern = cronOf.get(schedule.frequency) ?? schedule.cron_format ?? ''
  const next = new Cron(pattern, { timezone: zone, mode: '5-part', paused: true }).nextRun(new Date(from))
  return next?.getTime() ?? null
}

/** What the apps schedule. A job that several moments have gets a name for each. @throws Error for a wrong cron */
export function scheduledOf(apps: readonly AppDefinition[]): Scheduled[] {
  const found: Omit<Scheduled, 'name'>[] = []
  for (const { name: app, scheduler_events: events = {} } of apps) {
    for (const moment of SCHEDULE_NAMES) {
      for (const job of jobsOf(events[moment])) {
        found.push({ method: job.name, frequency: label(moment), cron_format: null })
      }
    }
    for (const [cron_format, jobs] of Object.entries(events.cron ?? {})) {
      checkCron(app, cron_format)
      for (const job of jobsOf(jobs)) found.push({ method: job.name, frequency: 'Cron', cron_format })
    }
  }
  return found.map((one) => {
    const isOnly = found.filter(({ method }) => method === one.method).length === 1
    return { name: isOnly ? one.method : `${one.method} (${one.cron_format ?? one.frequency})`, ...one }
  })
}

const jobsOf = (jobs: Job | Job[] | undefined): Job[] => (jobs === undefined ? [] : [jobs].flat())

function checkCron(app: string, pattern: string): void {
  try {
    new Cron(pattern, { mode: '5-part', paused: true })
  } catch (error) {
    throw new Error(
      `scheduler_events of ${app}: "${pattern}" is not a cron expression of five fields (${(error as Error).message}).`,
      { cause: error },
    )
  }
}

/** Brings the Scheduled Job Types to what the apps say; whether one is stopped, and when it ran last, stays. */
export async function syncScheduledJobTypes(ctx: Context): Promise<void> {
  const wanted = new Map(
    scheduledOf(ctx.site.registry.apps.map(({ definition }) => definition)).map((one) => [one.name, one]),
  )
  const rows = await ctx.db(TYPE_TABLE).select<Scheduled[]>('name', 'method', 'frequency', 'cron_format')
  const had = new Map(rows.map((row) => [row.name, row]))
  const now = ctx.now()
  const gone = [...had.keys()].filter((name) => !wanted.has(name))
  if (gone.length > 0) await ctx.db(TYPE_TABLE).whereIn('name', gone).delete()
  for (const one of wanted.values()) {
    const { name, frequency, cron_format } = one
    const before = had.get(name)
    if (!before) {
      // Frappe keeps no log of what runs every few minutes, but of its failures.
      const create_log = frequency === 'All' ? 0 : 1
      const standard = { owner: ctx.user, modified_by: ctx.user, creation: now, modified: now }
      await ctx.db(TYPE_TABLE).insert({ ...one, ...standard, create_log, run_from: Date.now() })
    } else if (before.frequency !== frequency || before.cron_format !== cron_format) {
      await ctx
        .db(TYPE_TABLE)
        .where({ name })
        .update({ frequency, cron_format, modified: now, run_from: Date.now() })
    }
  }
}
