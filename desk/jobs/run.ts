import { setTimeout as delay } from 'node:timers/promises'
import { ServiceUnavailableError } from '../errors.ts'
import type { Site } from '../site/site.ts'
import type { JobRun } from './job.ts'
import { holdsClaim, type Claimed } from './queue.ts'

/** What a run works with. Its writes commit only while the claim holds: a run that was given up changes nothing. */
function jobRun(site: Site, job: Claimed, signal: AbortSignal): JobRun {
  const identity = { user: job.user }
  return {
    site,
    attempt: job.attempts,
    signal,
    read: (work) => site.read(identity, work),
    write: (work) =>
      site.write(identity, async (ctx) => {
        const result = await work(ctx)
        if (!(await holdsClaim(ctx.db, job))) {
          throw new ServiceUnavailableError(
            `This run of ${job.job} has been given up, so it may not write: its time was over, or its process stood still.`,
          )
        }
        return result
      }),
  }
}

/**
 * Runs a job to its end. One that is still busy so many milliseconds after it was told to stop is left alone.
 * @throws what the job throws, or the signal's reason
 */
export async function runJob(
  site: Site,
  job: Claimed,
  stop: AbortController,
  patience: number,
): Promise<void> {
  const found = site.registry.job(job.job)
  const timer = setTimeout(() => {
    stop.abort(new Error(`The job took longer than its ${String(found.timeout)} seconds.`))
  }, found.timeout * 1000)
  const done = new AbortController()
  try {
    const args = JSON.parse(job.arguments) as Record<string, unknown>
    const work = found.run(args, jobRun(site, job, stop.signal))
    await Promise.race([work, giveUp(stop.signal, done.signal, patience)])
  } finally {
    done.abort()
    clearTimeout(timer)
  }
}

/** Rejects with the signal's reason, some time after it was aborted. */
async function giveUp(stop: AbortSignal, done: AbortSignal, patience: number): Promise<void> {
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve()
    stop.addEventListener('abort', () => resolve(), { signal: done, once: true })
  })
  await delay(patience, undefined, { signal: done }).catch(() => undefined)
  throw stop.reason
}
