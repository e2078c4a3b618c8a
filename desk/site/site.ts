import { Context, type Identity } from '../context.ts'
import type { Database } from '../db/database.ts'
import { CommitOutcomeUnknownError } from '../db/errors.ts'
import { Series } from '../document/series.ts'
import { PermissionError, RateLimitExceededError } from '../errors.ts'
import { DiskStore } from '../files/disk-store.ts'
import type { FileStore } from '../files/store.ts'
import type { Jobs } from '../jobs/port.ts'
import { Scheduler } from '../jobs/scheduler.ts'
import { TableJobs } from '../jobs/table-jobs.ts'
import { createMailer } from '../mail/config.ts'
import type { Mailer } from '../mail/port.ts'
import type { Method } from '../method.ts'
import { ADMINISTRATOR, GUEST } from '../permissions/roles.ts'
import { MemoryBus, type Bus } from '../realtime/bus.ts'
import { Outbox } from '../realtime/outbox.ts'
import { Signals } from '../realtime/signals.ts'
import { Turns } from '../realtime/turns.ts'
import { SiteCache } from './cache.ts'
import { Clock } from './clock.ts'
import type { SiteConfig } from './config.ts'
import { MemoryLimits, type Limits } from './limits.ts'
import { LoginCache } from './login-cache.ts'
import { Registry } from './registry.ts'
import { noteServing } from './site-lock.ts'
import type { LoadedApp } from './apps.ts'

/** Where unexpected errors are told to the operator; fastify's logger fits. */
export interface Log {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

export interface SiteParts {
  name: string
  /** sites/<name> in the bench. */
  path: string
  config: SiteConfig
  database: Database
  apps: readonly LoadedApp[]
  log: Log
}

/** A running site: its database, its apps, its clock and its bus. */
export class Site {
  readonly name: string
  readonly path: string
  readonly config: SiteConfig
  readonly database: Database
  readonly registry: Registry
  readonly clock: Clock
  readonly series: Series
  readonly bus: Bus = new MemoryBus()
  readonly logins = new LoginCache(this.bus)
  readonly limits: Limits = new MemoryLimits()
  readonly cache = new SiteCache(this.bus)
  readonly files: FileStore
  readonly jobs: Jobs
  /** Null where the site's config does not say how mail is sent. */
  readonly mailer: Mailer | null
  readonly log: Log
  readonly #signals: Signals
  readonly #turns = new Turns()
  #stops: (() => void | Promise<void>)[] = []
  #forgetServing = (): void => undefined

  constructor({ name, path, config, database, apps, log }: SiteParts) {
    this.name = name
    this.path = path
    this.config = config
    this.database = database
    this.registry = new Registry(apps)
    this.clock = new Clock(config.time_zone ?? 'UTC')
    this.series = new Series(database)
    this.files = new DiskStore(path)
    this.log = log
    this.#signals = new Signals(database, this.bus)
    this.jobs = new TableJobs(this)
    this.mailer = createMailer(config)
  }

  /** Work that only reads. What it publishes is sent when it returns. */
  async read<T>(identity: Identity, work: (ctx: Context) => Promise<T>): Promise<T> {
    const outbox = new Outbox()
    const result = await work(new Context(this, identity, this.database.reader, outbox, false))
    await this.#flush(outbox)
    return result
  }

  /**
   * Work in one transaction: all of it or nothing. Repeated as a whole after a deadlock, so that it must reach the
   * outside world through the context; what it publishes is sent once, after commit.
   */
  async write<T>(identity: Identity, work: (ctx: Context) => Promise<T>): Promise<T> {
    let outbox = new Outbox(this.#turns)
    try {
      const result = await this.database.transaction(async (tx) => {
        await this.#undo(outbox)
        outbox.close()
        outbox = new Outbox(this.#turns)
        identity.reply?.reset()
        return await work(new Context(this, identity, tx, outbox, true))
      })
      await this.#flush(outbox)
      return result
    } catch (error) {
      // Nobody knows whether that COMMIT arrived: what may be in use stays.
      if (!(error instanceof CommitOutcomeUnknownError)) await this.#undo(outbox)
      throw error
    } finally {
      outbox.close()
    }
  }

  async #undo(outbox: Outbox): Promise<void> {
    await outbox.undo((error) => {
      this.log.error({ err: error }, 'after rollback')
    })
  }

  async #flush(outbox: Outbox): Promise<void> {
    await outbox.flush(
      (messages) => {
        this.bus.publish(messages)
      },
      (error) => {
        this.log.error({ err: error }, 'after commit')
      },
    )
    await this.#signals.send(outbox.messages).catch((error: unknown) => {
      this.log.warn({ err: error }, 'other processes could not be told that logins have ended')
    })
  }

  /** Calls a whitelisted method by its name. @throws PermissionError for a guest where guests are not meant */
  async call(method: string | Method, args: Record<string, unknown>, identity: Identity): Promise<unknown> {
    const found = typeof method === 'string' ? this.registry.method(method, args) : method
    if (identity.user === GUEST && !found.allowGuest) throw new PermissionError('Log in first.')
    await this.#countCall(found, identity)
    const work = (ctx: Context): Promise<unknown> => found.call(args, ctx)
    if (!found.writes) return await this.read(identity, work)
    try {
      if (found.prepare) await this.read(identity, async (ctx) => found.prepare?.(args, ctx))
      return await this.write(identity, work)
    } catch (error) {
      const instead = await this.#recover(found, args, identity)
      if (instead === undefined) throw error
      return instead
    }
  }

  async #countCall({ name, rateLimit }: Method, { user, ip = '' }: Identity): Promise<void> {
    if (!rateLimit) return
    const who = rateLimit.per === 'ip' || user === GUEST ? ip : user
    const { used, resetSeconds } = await this.limits.add(`call:${name}:${who}`, 1, rateLimit.seconds)
    if (used <= rateLimit.limit) return
    const error = new RateLimitExceededError(
      `Too many calls of ${name}. Try again in ${String(resetSeconds)} seconds.`,
    )
    error.retryAfter = resetSeconds
    throw error
  }

  /** What fails here fails for the second time: the first error is the one to tell. */
  async #recover(method: Method, args: Record<string, unknown>, identity: Identity): Promise<unknown> {
    if (!method.recover) return undefined
    try {
      return await this.read(identity, async (ctx) => await method.recover?.(args, ctx))
    } catch (error) {
      this.log.warn({ err: error, method: method.name }, 'whether a write had been made could not be read')
      return undefined
    }
  }

  /** The server's own hand, for installation and maintenance. */
  async asAdministrator<T>(work: (ctx: Context) => Promise<T>): Promise<T> {
    return await this.write({ user: ADMINISTRATOR }, work)
  }

  /**
   * Lets the apps, the background jobs and the scheduler begin what runs while the site serves, and notes that it
   * does, so that no command replaces the site meanwhile. @throws where one is just doing so
   */
  start(): void {
    this.#forgetServing = noteServing(this.path)
    for (const begin of this.registry.hooks((app) => app.on_start)) {
      const stop = begin(this)
      if (stop) this.#stops.push(stop)
    }
    this.#stops.push(this.#signals.start())
    this.jobs.start()
    this.#stops.push(() => this.jobs.stop())
    const scheduler = new Scheduler(this)
    this.#stops.push(() => scheduler.stop())
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop()
    this.#stops = []
    this.cache.close()
    this.logins.close()
    this.mailer?.close()
    await this.bus.close()
    await this.database.close()
    this.#forgetServing()
  }
}
