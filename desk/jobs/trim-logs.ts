import type { Knex } from 'knex'
import { sessionSeconds } from '../site/sessions.ts'
import { QUEUE, QUEUE_TABLE } from '../mail/email-queue.ts'
import type { JobRun } from './job.ts'
import { defineJob } from './job.ts'
import { JOB_TABLE } from './queue.ts'
import { LOG_TABLE } from './scheduled-log.ts'

/** Days that a kind of log is kept, unless `log_retention_days` in the site's config says otherwise; 0 keeps all. */
export const RETENTION_DAYS = {
  'Error Log': 30,
  'Scheduled Job Log': 90,
  'Background Job': 14,
  'Email Queue': 30,
} as const

const ROWS_AT_ONCE = 500
const DAY = 86_400_000

/** Removes old logs, jobs that are over, mail that has been sent, and sessions that have expired. */
export const trimLogs = defineJob({
  name: 'desk.jobs.trim_logs',
  timeout: 3600,
  async handler(_args, run) {
    await trim(run, 'Error Log', 'tabError Log', (query, before) => query.where('creation', '<', before))
    await trim(run, 'Scheduled Job Log', LOG_TABLE, (query, before) => query.where('creation', '<', before))
    await trim(run, 'Background Job', JOB_TABLE, (query, before) =>
      query.whereIn('status', ['Finished', 'Failed']).where('ended_at', '<', before),
    )
    await trim(
      run,
      'Email Queue',
      QUEUE_TABLE,
      (query, before) =>
        query.whereIn('status', ['Sent', 'Partially Sent', 'Error']).where('creation', '<', before),
      async (db, names) => {
        await db('tabEmail Queue Recipient').where({ parenttype: QUEUE }).whereIn('parent', names).delete()
        await db('__Auth').where({ doctype: QUEUE }).whereIn('name', names).delete()
      },
    )
    const { site } = run
    const ended = site.clock.at(Date.now() - sessionSeconds(site) * 1000)
    await removeAll(run, 'tabSessions', 'sid', (query) => query.where('lastupdate', '<', ended))
  },
})

type Narrow = (query: Knex.QueryBuilder, before: string) => Knex.QueryBuilder
type Also = (db: Knex, names: readonly string[]) => PromiseLike<unknown>

async function trim(
  run: JobRun,
  doctype: keyof typeof RETENTION_DAYS,
  table: string,
  narrow: Narrow,
  also?: Also,
): Promise<void> {
  const days = run.site.config.log_retention_days?.[doctype] ?? RETENTION_DAYS[doctype]
  if (days === 0) return
  const before = run.site.clock.at(Date.now() - days * DAY)
  await removeAll(run, table, 'name', (query) => narrow(query, before), also)
}

/** A few hundred at a time, so that no transaction keeps others waiting for long. */
async function removeAll(
  run: JobRun,
  table: string,
  key: string,
  narrow: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
  also?: Also,
): Promise<void> {
  for (;;) {
    run.signal.throwIfAborted()
    const removed = await run.write(async ({ db }) => {
      const names = (await narrow(db(table)).limit(ROWS_AT_ONCE).pluck(key)) as string[]
      if (names.length === 0) return 0
      await also?.(db, names)
      return await db(table).whereIn(key, names).delete()
    })
    if (removed < ROWS_AT_ONCE) return
  }
}
