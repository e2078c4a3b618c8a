import type { Context, Site } from '@f-chat/desk'
import { liveDevicesOf } from '../../realtime/devices.ts'
import { presenceOf } from '../../realtime/presence.ts'
import { rowsOf } from '../query.ts'
import { joined, type Instant } from './call.ts'
import { holdForServer, type Happening } from './hold.ts'
import { runningCallsOf } from './running.ts'
import { callSettings } from './settings.ts'
import { CALL_COLUMNS, inUtc, readRow, type CallRow } from './store.ts'

/** Milliseconds between two looks for what other processes do, at most. */
const LOOK_EVERY_MS = 15_000
const AT_ONCE = 100

/**
 * Carries out what is due in the calls of a site, whichever process left it undone; several may do so at once.
 * @param now milliseconds since 1970
 */
export async function sweep(site: Site, now: Instant): Promise<void> {
  for (;;) {
    const due = await rowsOf<{ name: string }>(
      site.database
        .reader('tabChat Call Session')
        .where('next_deadline', '<=', inUtc(now))
        .orderBy('next_deadline')
        .limit(AT_ONCE)
        .select('name'),
    )
    for (const { name } of due) await happenTo(site, name, { type: 'tick' }, now)
    if (due.length < AT_ONCE) return
  }
}

/** Something that no user does happens to a call. */
async function happenTo(site: Site, name: string, what: Happening, now = Date.now()): Promise<void> {
  await site.asAdministrator(async (ctx) => {
    const held = await holdForServer(ctx, name, now)
    await (held ? held.happen(what) : forgetLost(ctx, name))
  })
}

/** The call of a room that is gone: nobody is told, and nothing is due any more. */
async function forgetLost(ctx: Context, name: string): Promise<void> {
  await ctx.db('tabChat Call Session').where({ name }).whereNotNull('next_deadline').update({
    call_status: 'Ended',
    active_room: null,
    next_deadline: null,
    running_state: null,
  })
}

/** Wakes when the next thing is due, looks now and then what other processes left, and keeps devices alive. */
class CallKeeper {
  readonly #site: Site
  #timer: NodeJS.Timeout | undefined
  #nextLook = 0
  #working: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(site: Site) {
    this.#site = site
  }

  start(): void {
    runningCallsOf(this.#site).onChange(() => {
      this.#plan()
    })
    this.#plan()
  }

  /** Resolves once what is under way is done. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#working
  }

  /** A socket has closed: the calls that its device is in give it time to come back. */
  closed(ctx: Context): void {
    const { user } = ctx
    const gone = liveDevicesOf(this.#site).closed(ctx)
    for (const { name, device } of runningCallsOf(this.#site).holding(user, gone)) {
      this.#do(async () => {
        // It may be back by now.
        if (liveDevicesOf(this.#site).hasSocket(user, device)) return
        const now = Date.now()
        const aliveUntil = now + callSettings(this.#site).graceMs
        await happenTo(this.#site, name, { type: 'device_gone', user, device, aliveUntil }, now)
      })
    }
  }

  #plan(): void {
    if (this.#stopped) return
    const due = Math.min(runningCallsOf(this.#site).earliest ?? Infinity, this.#nextLook)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#do(() => this.#wake())
      },
      Math.max(0, due - Date.now()),
    ).unref()
  }

  async #wake(): Promise<void> {
    const now = Date.now()
    try {
      if (now >= this.#nextLook) await this.#look(now)
      await sweep(this.#site, now)
    } finally {
      // Of what is still due after that, another process has taken care, or the next look will.
      runningCallsOf(this.#site).forgetUntil(now)
      this.#plan()
    }
  }

  /** One statement: what runs, when something is due in it, and whose devices are here. */
  async #look(now: Instant): Promise<void> {
    const { graceMs } = callSettings(this.#site)
    this.#nextLook = now + Math.min(LOOK_EVERY_MS, graceMs / 2)
    const rows = await rowsOf<CallRow>(
      this.#site.database.reader('tabChat Call Session').whereNotNull('next_deadline').select(CALL_COLUMNS),
    )
    const running = runningCallsOf(this.#site)
    running.keep(new Set(rows.map(({ name }) => name)))
    const live = liveDevicesOf(this.#site)
    for (const row of rows) {
      const { name, call } = readRow(row)
      if (!call) continue
      running.note(name, call)
      const here = joined(call).filter(({ user, device }) => device !== null && live.hasSocket(user, device))
      // A process that has just started knows of nobody's call.
      for (const { user } of here) await presenceOf(this.#site).inCall(user, true)
      const wants = here.some(({ aliveUntil }) => (aliveUntil ?? 0) < now + graceMs)
      if (wants) await happenTo(this.#site, name, { type: 'tick' })
    }
  }

  /** One thing after the other: on SQLite there is one writer, and stopping waits for all of it. */
  #do(work: () => Promise<void>): void {
    if (this.#stopped) return
    this.#working = this.#working.then(work).catch((error: unknown) => {
      this.#site.log.warn({ err: error }, 'a call could not be kept up to date; it will be tried again')
    })
  }
}

const keepers = new WeakMap<Site, CallKeeper>()

/** The keeper of the site's calls, in this process. */
export function callKeeperOf(site: Site): CallKeeper {
  let keeper = keepers.get(site)
  if (!keeper) keepers.set(site, (keeper = new CallKeeper(site)))
  return keeper
}
