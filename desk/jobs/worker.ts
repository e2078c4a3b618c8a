import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { DoesNotExistError } from '../errors.ts'
import { logError } from '../site/error-log.ts'
import type { Site } from '../site/site.ts'
import { claimJobs, endJob, lookForJobs, renewClaims, type Claimed, type Ending } from './queue.ts'
import { runJob } from './run.ts'
import { logEnd, logStart } from './scheduled-log.ts'
import { pauseAfter, type JobSettings } from './settings.ts'

const LONGEST_ERROR = 20_000

interface Running {
  job: Claimed
  stop: AbortController
  /** Given back by this process, not failed by itself. */
  returned: boolean
  done: Promise<void>
}

/** Runs the jobs of a site's table in this process, a few at once. */
export class Worker {
  readonly #site: Site
  readonly #settings: JobSettings
  readonly #id = `${hostname().slice(0, 60)}:${String(process.pid)}:${randomBytes(4).toString('hex')}`
  readonly #running = new Map<string, Running>()
  #claims = 0
  #active = false
  #filling: Promise<void> | undefined
  #again = false
  #nextLook: NodeJS.Timeout | undefined
  #heartbeat: NodeJS.Timeout | undefined
  #renewing: Promise<void> = Promise.resolve()

  constructor(site: Site, settings: JobSettings) {
    this.#site = site
    this.#settings = settings
  }

  start(): void {
    if (this.#active) return
    this.#active = true
    this.#heartbeat = setInterval(() => {
      this.#renewing = this.#renewing.then(() => this.#renew())
    }, this.#settings.lease / 3).unref()
    this.wake()
  }

  /** Looks into the queue now; while it is being looked into, once more after. */
  wake(): void {
    if (!this.#active) return
    this.#again = true
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined
    })
  }

  async stop(): Promise<void> {
    if (!this.#active) return
    this.#active = false
    clearTimeout(this.#nextLook)
    await this.#filling
    const all = [...this.#running.values()]
    const late = setTimeout(() => {
      for (const run of this.#running.values()) {
        run.returned = true
        run.stop.abort(new Error('The process stops.'))
      }
    }, this.#settings.grace)
    await Promise.all(all.map(({ done }) => done))
    clearTimeout(late)
    clearInterval(this.#heartbeat)
    await this.#renewing
  }

  async #fill(): Promise<void> {
    let next: number | undefined
    while (this.#again && this.#active) {
      this.#again = false
      try {
        next = await this.#claimSome()
      } catch (error) {
        this.#site.log.warn({ err: error }, 'the queue of background jobs could not be read')
        next = undefined
      }
    }
    if (!this.#active) return
    clearTimeout(this.#nextLook)
    const { poll } = this.#settings
    const pause = Math.min(poll * (0.9 + Math.random() / 5), Math.max(0, (next ?? Infinity) - Date.now()))
    this.#nextLook = setTimeout(() => {
      this.wake()
    }, pause).unref()
  }

  /** @returns when the next job is due, if that is known */
  async #claimSome(): Promise<number | undefined> {
    const room = this.#settings.concurrency - this.#running.size
    if (room <= 0) return undefined
    const { names, next } = await lookForJobs(this.#site.database.reader, room)
    if (names.length === 0) return next
    const newClaim = (): string => `${this.#id}:${String(++this.#claims)}`
    const claimed = await claimJobs(this.#site, names, { lease: this.#settings.lease, newClaim }, (tx, job) =>
      logStart(this.#site, tx, job),
    )
    for (const job of claimed) this.#begin(job)
    if (claimed.length > 0) this.#again = true
    return next
  }

  #begin(job: Claimed): void {
    const run: Running = { job, stop: new AbortController(), returned: false, done: Promise.resolve() }
    this.#running.set(job.claim, run)
    run.done = this.#perform(run).finally(() => {
      this.#running.delete(job.claim)
      this.wake()
    })
  }

  async #perform(run: Running): Promise<void> {
    const began = performance.now()
    const ending = await this.#endingOf(run)
    try {
      const seconds = (performance.now() - began) / 1000
      const kept = await endJob(this.#site, run.job, ending, (tx) =>
        logEnd(this.#site, tx, run.job, ending, seconds),
      )
      if (!kept)
        this.#site.log.warn(
          { job: run.job.job, name: run.job.name },
          'another process has taken the job over',
        )
    } catch (error) {
      // The lease runs out, and the job is taken up again.
      this.#site.log.error(
        { err: error, job: run.job.job, name: run.job.name },
        'the end of a job could not be written',
      )
    }
  }

  async #endingOf(run: Running): Promise<Ending> {
    const { job } = run
    const found = this.#site.registry.findJob(job.job)
    const most = 1 + (found?.retries ?? 0)
    try {
      if (!found) {
        throw new DoesNotExistError(
          `There is no job ${job.job}. Check that its app is installed, and exports it from jobs/.`,
        )
      }
      if (job.attempts > most)
        throw new Error('The processes that ran the job have died, or stood still, each time.')
      await runJob(this.#site, job, run.stop, this.#settings.grace / 2)
      return { status: 'Finished' }
    } catch (error) {
      if (run.returned) return { status: 'Returned' }
      const text = (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(
        0,
        LONGEST_ERROR,
      )
      if (found && job.attempts < most) {
        this.#site.log.warn(
          { err: error, job: job.job, name: job.name, attempt: job.attempts },
          'a job failed and is tried again',
        )
        return { status: 'Retry', error: text, pause: pauseAfter(this.#settings, job.attempts) }
      }
      const errorLog = await logError(this.#site, error, { method: job.job, user: job.user })
      return { status: 'Failed', error: text, errorLog }
    }
  }

  /** Tells that the running jobs are alive; those that have been taken over are stopped. */
  async #renew(): Promise<void> {
    const held = [...this.#running.values()]
    if (held.length === 0) return
    try {
      const { lease } = this.#settings
      const holding = await renewClaims(
        this.#site,
        held.map(({ job }) => job),
        lease,
      )
      for (const { job, stop } of held) {
        if (!holding.has(job.claim)) stop.abort(new Error('Another process has taken the job over.'))
      }
    } catch (error) {
      this.#site.log.warn({ err: error }, 'the leases of running jobs could not be renewed')
    }
  }
}
