import type { Context } from '../context.ts'
import type { Job } from './job.ts'

export interface EnqueueOptions {
  /** Not before: `YYYY-MM-DD HH:MM:SS` in the site's time zone, or so many seconds from now. */
  at?: string | number
  /** While a job of the same kind with this key waits to begin, it stands for this one, too. */
  key?: string
  /** Those with a higher one go first; a step is worth an hour of waiting. Default 0. */
  priority?: number
  /** The Scheduled Job Type that asks; its runs are kept in the Scheduled Job Log. */
  scheduledJobType?: string
}

/** How many jobs there are. */
export interface JobCounts {
  /** Queued, those for later included. */
  waiting: number
  running: number
  failed: number
}

/**
 * The background jobs of a site. A job runs at least once, after the transaction that asked for it has committed,
 * and in one process at a time.
 */
export interface Jobs {
  /**
   * Asks for a run, in the context's transaction: it happens exactly when that commits.
   * @returns the name of the Background Job, which is the one that waits already where the key says so
   */
  enqueue<Args>(ctx: Context, job: Job<Args>, args: Args, options?: EnqueueOptions): Promise<string>
  /** Takes up what another part of the site has put into the queue and committed. */
  wake(): void
  /** Begins to run jobs in this process. */
  start(): void
  /** Takes no more; lets the running ones finish for some seconds, and gives back those that do not. */
  stop(): Promise<void>
  counts(): Promise<JobCounts>
}
