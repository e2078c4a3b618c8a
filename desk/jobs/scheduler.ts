import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { DuplicateKeyError } from '../db/errors.ts'
import { ADMINISTRATOR } from '../permissions/roles.ts'
import type { Site } from '../site/site.ts'
import { JOB_TABLE } from './queue.ts'
import { nextRun, TYPE_TABLE } from './scheduled-types.ts'
import { readSchedulerState, swapLeader, type Leader, type SchedulerState } from './scheduler-state.ts'
import { jobSettings } from './settings.ts'

interface TypeRow {
  name: string
  method: string
  frequency: string
  cron_format: string | null
  run_from: number
  current_job: string | null
}

/**
 * Asks for the scheduled jobs when their time has come. Of several processes one leads; the others look now and
 * then whether it still does. What was missed while nobody led is run once.
 */
export class Scheduler {
  readonly #site: Site
  readonly #lease: number
  readonly #holder = `${hostname().slice(0, 60)}:${String(process.pid)}:${randomBytes(4).toString('hex')}`
  #timer: NodeJS.Timeout | undefined
  #ticking: Promise<void> = Promise.resolve()
  #active = true
  #reported = new Set<string>()

  constructor(site: Site) {
    this.#site = site
    this.#lease = jobSettings(site.config).lease
    this.#lookAfter(0)
  }

  /** Leaves the lead to another process. */
  async stop(): Promise<void> {
    this.#active = false
    clearTimeout(this.#timer)
    await this.#ticking
    try {
      const { leader, stored } = await readSchedulerState(this.#site)
      if (leader?.holder === this.#holder) await swapLeader(this.#site, stored, { ...leader, until: 0 })
    } catch (error) {
      this.#site.log.warn({ err: error }, 'the lead of the scheduler could not be handed over')
    }
  }

  #lookAfter(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#ticking = this.#tick().then((pause) => {
        if (this.#active) this.#lookAfter(pause)
      })
    }, ms).unref()
  }

  /** @returns milliseconds until the next look */
  async #tick(): Promise<number> {
    const usual = this.#lease / 3
    try {
      const state = await readSchedulerState(this.#site)
      const now = Date.now()
      const { leader } = state
      if (leader && leader.holder !== this.#holder && leader.until > now)
        return Math.min(usual, leader.until - now + 1)
      if (!(await this.#lead(state, now)) || !state.enabled || state.paused) return usual
      return Math.min(usual, Math.max(0, (await this.#askForDue()) - Date.now()))
    } catch (error) {
      this.#site.log.warn({ err: error }, 'the scheduler could not look at the database')
      return usual
    }
  }

  async #lead({ stored }: SchedulerState, now: number): Promise<boolean> {
    const leader: Leader = { holder: this.#holder, until: now + this.#lease, tick: now }
    try {
      return await swapLeader(this.#site, stored, leader)
    } catch (error) {
      if (error instanceof DuplicateKeyError) return false
      throw error
    }
  }

  /** @returns when the next one is due */
  async #askForDue(): Promise<number> {
    const types = await this.#site.database
      .reader(TYPE_TABLE)
      .where({ stopped: 0 })
      .select<TypeRow[]>('name', 'method', 'frequency', 'cron_format', 'run_from', 'current_job')
    let soonest = Infinity
    for (const type of types) {
      try {
        const due = nextRun(type, this.#site.clock.zone, type.run_from) ?? Infinity
        if (due > Date.now()) soonest = Math.min(soonest, due)
        else await this.#askFor(type)
        this.#reported.delete(type.name)
      } catch (error) {
        // One that is wrong must not keep the others from running; it is told once.
        if (!this.#reported.has(type.name))
          this.#site.log.error({ err: error, type: type.name }, 'a scheduled job could not be asked for')
        this.#reported.add(type.name)
      }
    }
    return soonest
  }

  async #askFor(type: TypeRow): Promise<void> {
    const job = this.#site.registry.findJob(type.method)
    if (!job) return
    await this.#site.write({ user: ADMINISTRATOR }, async (ctx) => {
      // The last run is still under way: this one begins when it is over.
      const busy = type.current_job
        ? await ctx
            .db(JOB_TABLE)
            .where({ name: type.current_job })
            .whereIn('status', ['Queued', 'Running'])
            .first<object | undefined>('name')
        : undefined
      if (busy) return
      // Another process that believes to lead would find it changed.
      const won = await ctx
        .db(TYPE_TABLE)
        .where({ name: type.name, run_from: type.run_from, stopped: 0 })
        .update({ run_from: Date.now(), last_execution: ctx.now() })
      if (won === 0) return
      const current_job = await ctx.enqueue(job, {}, { scheduledJobType: type.name })
      await ctx.db(TYPE_TABLE).where({ name: type.name }).update({ current_job })
    })
  }
}
