import type { Context } from '../context.ts'
import type { Site } from '../site/site.ts'
import type { Job } from './job.ts'
import type { EnqueueOptions, JobCounts, Jobs } from './port.ts'
import { countJobs, insertJob } from './queue.ts'
import { jobSettings } from './settings.ts'
import { Worker } from './worker.ts'

/** Jobs in a table of the site's database (ADR 0015). */
export class TableJobs implements Jobs {
  readonly #site: Site
  #worker: Worker | undefined

  constructor(site: Site) {
    this.#site = site
  }

  async enqueue<Args>(
    ctx: Context,
    job: Job<Args>,
    args: Args,
    options: EnqueueOptions = {},
  ): Promise<string> {
    const name = await insertJob(ctx, job, args, options)
    ctx.afterCommit(() => {
      this.wake()
    })
    return name
  }

  wake(): void {
    this.#worker?.wake()
  }

  start(): void {
    this.#worker ??= new Worker(this.#site, jobSettings(this.#site.config))
    this.#worker.start()
  }

  async stop(): Promise<void> {
    await this.#worker?.stop()
  }

  async counts(): Promise<JobCounts> {
    return await countJobs(this.#site.database.reader)
  }
}
