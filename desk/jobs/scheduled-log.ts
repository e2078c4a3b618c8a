import type { Knex } from 'knex'
import { hashName } from '../document/naming.ts'
import { ADMINISTRATOR } from '../permissions/roles.ts'
import type { Site } from '../site/site.ts'
import type { Claimed, Ending } from './queue.ts'

export const LOG_TABLE = 'tabScheduled Job Log'

/** Notes that a scheduled job begins, where its type keeps a log. */
export async function logStart(site: Site, tx: Knex.Transaction, job: Claimed): Promise<void> {
  const type = job.scheduled_job_type
  if (type === null) return
  await tx(LOG_TABLE)
    .where({ background_job: job.name, status: 'Start' })
    .update({ status: 'Failed', details: 'The process that ran it has died, or stood still.' })
  const kept = await tx('tabScheduled Job Type')
    .where({ name: type, create_log: 1 })
    .first<object | undefined>('name')
  if (kept) await tx(LOG_TABLE).insert(row(site, job, { status: 'Start' }))
}

/** Notes how it ended; a failure also where its type keeps no log. */
export async function logEnd(
  site: Site,
  tx: Knex.Transaction,
  job: Claimed,
  ending: Ending,
  seconds: number,
): Promise<void> {
  if (job.scheduled_job_type === null) return
  const begun = { background_job: job.name, status: 'Start' }
  if (ending.status === 'Returned') {
    await tx(LOG_TABLE).where(begun).delete()
    return
  }
  const failed = ending.status !== 'Finished'
  const values = {
    status: failed ? 'Failed' : 'Complete',
    duration: Math.round(seconds * 1000) / 1000,
    details: failed ? ending.error : null,
  }
  const noted = await tx(LOG_TABLE)
    .where(begun)
    .update({ ...values, modified: site.clock.now() })
  if (noted === 0 && failed) await tx(LOG_TABLE).insert(row(site, job, values))
}

function row(site: Site, job: Claimed, values: object): object {
  const now = site.clock.now()
  return {
    name: hashName(),
    owner: ADMINISTRATOR,
    modified_by: ADMINISTRATOR,
    creation: now,
    modified: now,
    scheduled_job_type: job.scheduled_job_type,
    background_job: job.name,
    ...values,
  }
}
