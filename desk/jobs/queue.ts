import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import { DuplicateKeyError } from '../db/errors.ts'
import { hashName } from '../document/naming.ts'
import { ValidationError } from '../errors.ts'
import type { Site } from '../site/site.ts'
import type { Job } from './job.ts'
import type { EnqueueOptions, JobCounts } from './port.ts'
import { instantOf } from './site-time.ts'

export const JOB_TABLE = 'tabBackground Job'

/** `due` of a job that is over: the last instant that a Date can hold. */
export const NEVER = 8_640_000_000_000_000

const HOUR = 3_600_000
const LONGEST_KEY = 255

/** A job that this process has claimed. */
export interface Claimed {
  name: string
  job: string
  user: string
  arguments: string
  /** This run is the so-many-th, 1 for the first. */
  attempts: number
  job_key: string | null
  scheduled_job_type: string | null
  /** Of this claim alone: whoever has claimed it since has another. */
  claim: string
}

/** While the key is in the row no second row can have it. Hashed: databases differ in how they compare text. */
const waitingKey = (job: string, key: string | null): string | null =>
  key === null ? null : createHash('sha256').update(`${job}\n${key}`).digest('hex')

/** Puts a job into the table. @returns its name, or that of the one which waits with the same key */
export async function insertJob<Args>(
  ctx: Context,
  job: Job<Args>,
  args: Args,
  { at = 0, key, priority = 0, scheduledJobType }: EnqueueOptions,
): Promise<string> {
  if (!ctx.writes)
    throw new ValidationError(`The job ${job.name} can be asked for only by a method that writes.`)
  ctx.site.registry.job(job.name)
  if (key !== undefined && (key === '' || key.length > LONGEST_KEY))
    throw new ValidationError(`The key of a job has 1 to ${String(LONGEST_KEY)} characters.`)
  const start = typeof at === 'string' ? instantOf(ctx.site.clock, at) : Date.now() + at * 1000
  if (!Number.isFinite(start) || !Number.isInteger(priority))
    throw new ValidationError('A job takes a finite number of seconds, and a whole number as its priority.')
  const now = ctx.now()
  const waiting_key = waitingKey(job.name, key ?? null)
  const row = {
    name: hashName(),
    owner: ctx.user,
    modified_by: ctx.user,
    creation: now,
    modified: now,
    job: job.name,
    status: 'Queued',
    user: ctx.user,
    arguments: JSON.stringify(job.check(args)),
    run_after: ctx.site.clock.at(Math.round(start)),
    priority,
    job_key: key ?? null,
    waiting_key,
    due: dueAt(start, priority),
    scheduled_job_type: scheduledJobType ?? null,
  }
  if (waiting_key === null) {
    await ctx.db(JOB_TABLE).insert(row)
    return row.name
  }
  // Also locks the one that waits: it cannot begin before this transaction is over, and so sees what it wrote.
  await ctx.db(JOB_TABLE).insert(row).onConflict('waiting_key').merge(['modified'])
  const found = await ctx.db(JOB_TABLE).where({ waiting_key }).first<{ name: string } | undefined>('name')
  return found?.name ?? row.name
}

/** A head start for those with priority, but never before their time. */
function dueAt(start: number, priority: number): number {
  const now = Date.now()
  return start > now ? Math.round(start) : Math.round(now - priority * HOUR)
}

/** What is due, soonest first, as far as there is room; and when to look again for the first that is not. */
export async function lookForJobs(
  db: Knex,
  room: number,
): Promise<{ names: string[]; next: number | undefined }> {
  const rows = await db(JOB_TABLE)
    .where('due', '<', NEVER)
    .orderBy('due')
    .limit(room + 1)
    .select<{ name: string; due: number }[]>('name', 'due')
  const now = Date.now()
  const due = rows.filter((row) => row.due <= now)
  const later = rows.find((row) => row.due > now)
  return { names: due.slice(0, room).map(({ name }) => name), next: later?.due }
}

interface JobRow extends Omit<Claimed, 'claim'> {
  status: string
}

/**
 * Takes those of the named jobs that are still to be had, for the time of the lease. Rows that another process is
 * just taking are passed over.
 * @param started told of each in the same transaction
 */
export async function claimJobs(
  site: Site,
  names: readonly string[],
  { lease, newClaim }: { lease: number; newClaim: () => string },
  started: (tx: Knex.Transaction, job: Claimed) => Promise<void>,
): Promise<Claimed[]> {
  return await site.database.transaction(async (tx) => {
    const query = tx(JOB_TABLE)
      .whereIn('name', [...names])
      .where('due', '<=', Date.now())
      .select('name', 'job', 'user', 'arguments', 'attempts', 'job_key', 'scheduled_job_type', 'status')
      .orderBy('due')
    const rows = await locked<JobRow>(tx, site, query)
    const claimed: Claimed[] = []
    for (const { status: _, ...row } of rows) {
      const job = { ...row, attempts: row.attempts + 1, claim: newClaim() }
      await tx(JOB_TABLE)
        .where({ name: row.name })
        .update({
          status: 'Running',
          claimed_by: job.claim,
          waiting_key: null,
          attempts: job.attempts,
          due: Date.now() + lease,
          started_at: site.clock.now(),
          ended_at: null,
          modified: site.clock.now(),
        })
      await started(tx, job)
      claimed.push(job)
    }
    return claimed
  })
}

/** Knex knows no SKIP LOCKED for MariaDB. On SQLite the transaction is alone anyway. */
async function locked<Row>(tx: Knex.Transaction, site: Site, query: Knex.QueryBuilder): Promise<Row[]> {
  if (site.database.kind === 'sqlite') return (await query) as Row[]
  const { sql, bindings } = query.toSQL().toNative()
  const [rows] = (await tx.raw(`${sql} for update skip locked`, bindings as Knex.RawBinding[])) as [Row[]]
  return rows
}

/** Says that these are alive. @returns the claims that still hold */
export async function renewClaims(site: Site, held: readonly Claimed[], lease: number): Promise<Set<string>> {
  const mine = (tx: Knex.Transaction): Knex.QueryBuilder =>
    tx(JOB_TABLE)
      .whereIn(
        'name',
        held.map(({ name }) => name),
      )
      .whereIn(
        'claimed_by',
        held.map(({ claim }) => claim),
      )
  return await site.database.transaction(async (tx) => {
    await mine(tx).update({ due: Date.now() + lease })
    return new Set(await mine(tx).pluck<string[]>('claimed_by'))
  })
}

/** Whether the claim holds; the row is kept from others until the transaction is over. */
export async function holdsClaim(db: Knex, { name, claim }: Claimed): Promise<boolean> {
  const row = await db(JOB_TABLE)
    .where({ name, claimed_by: claim })
    .forUpdate()
    .first<object | undefined>('name')
  return row !== undefined
}

/** How a run ended. */
export type Ending =
  | { status: 'Finished' }
  | { status: 'Failed'; error: string; errorLog: string | null }
  /** Failed, and is tried again. */
  | { status: 'Retry'; error: string; pause: number }
  /** Was not brought to an end: as if it had not begun. */
  | { status: 'Returned' }

/** @param ended told in the same transaction @returns false where another process has taken the job over */
export async function endJob(
  site: Site,
  job: Claimed,
  ending: Ending,
  ended: (tx: Knex.Transaction) => Promise<void>,
): Promise<boolean> {
  const write = (key: string | null): Promise<boolean> =>
    site.database.transaction(async (tx) => {
      const now = site.clock.now()
      const changed = await tx(JOB_TABLE)
        .where({ name: job.name, claimed_by: job.claim })
        .update({ claimed_by: null, modified: now, ...valuesAfter(site, job, ending, key) })
      if (changed > 0) await ended(tx)
      return changed > 0
    })
  try {
    return await write(waitingKey(job.job, job.job_key))
  } catch (error) {
    // Another one with its key waits already; this one waits without.
    if (!(error instanceof DuplicateKeyError)) throw error
    return await write(null)
  }
}

function valuesAfter(site: Site, job: Claimed, ending: Ending, waiting_key: string | null): object {
  const ended_at = site.clock.now()
  switch (ending.status) {
    case 'Finished':
      return { status: 'Finished', due: NEVER, ended_at, error: null }
    case 'Failed':
      return { status: 'Failed', due: NEVER, ended_at, error: ending.error, error_log: ending.errorLog }
    case 'Retry': {
      const due = Date.now() + ending.pause
      const run_after = site.clock.at(due)
      return { status: 'Queued', due, run_after, ended_at, error: ending.error, waiting_key }
    }
    case 'Returned':
      return { status: 'Queued', due: Date.now(), attempts: job.attempts - 1, waiting_key }
  }
}

/** Puts a job that failed back into the queue, with all its tries. */
export async function requeueJob(ctx: Context, name: string): Promise<boolean> {
  const changed = await ctx.db(JOB_TABLE).where({ name, status: 'Failed' }).update({
    status: 'Queued',
    attempts: 0,
    due: Date.now(),
    run_after: ctx.now(),
    modified: ctx.now(),
    modified_by: ctx.user,
  })
  return changed > 0
}

export async function countJobs(db: Knex): Promise<JobCounts> {
  const rows = await db(JOB_TABLE)
    .whereIn('status', ['Queued', 'Running', 'Failed'])
    .groupBy('status')
    .select<{ status: string; n: number }[]>('status', db.raw('count(*) as n'))
  const of = (status: string): number => rows.find((row) => row.status === status)?.n ?? 0
  return { waiting: of('Queued'), running: of('Running'), failed: of('Failed') }
}
