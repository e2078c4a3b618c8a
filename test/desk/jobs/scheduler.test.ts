import t, { type Test } from 'tap'
import type { SchedulerEvents } from '../../../desk/app.ts'
import { createDatabase, type Database } from '../../../desk/db/index.ts'
import { defineJob } from '../../../desk/jobs/job.ts'
import { nextRun, scheduledOf } from '../../../desk/jobs/scheduled-types.ts'
import { readSchedulerState, switchScheduler } from '../../../desk/jobs/scheduler-state.ts'
import { migrate } from '../../../desk/site/migrate.ts'
import { Site, type SiteParts } from '../../../desk/site/site.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, labSiteOn, refusal, testApp } from '../../support/fixtures-app.ts'
import { jobLab } from '../../support/job-lab.ts'
import { QUICK, until } from '../../support/jobs.ts'

const config = { jobs: QUICK, time_zone: 'Europe/Berlin' }

let ran: string[] = []
const job = (name: string): ReturnType<typeof defineJob> =>
  defineJob({
    name: `lab.${name}`,
    retries: 0,
    handler: () => {
      ran.push(name)
      return name === 'broken' ? Promise.reject(new Error('Out of order')) : Promise.resolve()
    },
  })
const [often, nightly, broken] = [job('often'), job('nightly'), job('broken')]
const jobs = [often, nightly, broken]

interface TypeRow {
  name: string
  frequency: string
  cron_format: string | null
  stopped: number
  last_execution: string | null
}

const types = async (site: Site): Promise<TypeRow[]> =>
  await site.database
    .reader('tabScheduled Job Type')
    .where('method', 'like', 'lab.%')
    .orderBy('name')
    .select<TypeRow[]>('name', 'frequency', 'cron_format', 'stopped', 'last_execution')

const logs = async (
  site: Site,
  type: string,
): Promise<{ status: string; duration: number; details: string | null }[]> =>
  await site.database
    .reader('tabScheduled Job Log')
    .where({ scheduled_job_type: type })
    .select<{ status: string; duration: number; details: string | null }[]>('status', 'duration', 'details')

const labWith = (t: Test, database: Database, scheduler_events: SchedulerEvents): Promise<Site> =>
  labSiteOn(t, database, { ...jobLab, jobs, scheduler_events }, { config })

/** What another process would make its site of. */
const parts = ({ name, path, config, database, registry: { apps }, log }: Site): SiteParts => ({
  name,
  path,
  config,
  database,
  apps,
  log,
})

/** As if nobody had served the site for days. */
async function missDays(site: Site, ...names: string[]): Promise<void> {
  await site.database.transaction((tx) =>
    tx('tabScheduled Job Type')
      .whereIn('name', names)
      .update({ run_from: Date.now() - 3 * 86_400_000 }),
  )
}

void t.test('when a schedule runs next', (t) => {
  const next = (frequency: string, from: string, cron_format: string | null = null): string | undefined => {
    const found = nextRun({ frequency, cron_format }, 'Europe/Berlin', Date.parse(from))
    return found === null ? undefined : new Date(found).toISOString().replace(':00.000Z', 'Z')
  }
  t.equal(next('All', '2026-01-10T10:01:00Z'), '2026-01-10T10:04Z', 'every four minutes')
  t.equal(next('Hourly', '2026-01-10T10:00:00Z'), '2026-01-10T11:00Z', 'never the same moment again')
  t.equal(next('Daily', '2026-01-10T22:59:00Z'), '2026-01-10T23:00Z', "midnight is the site's")
  t.equal(next('Daily Long', '2026-07-10T12:00:00Z'), '2026-07-10T22:00Z')
  t.equal(next('Weekly', '2026-01-10T12:00:00Z'), '2026-01-10T23:00Z', 'Sunday')
  t.equal(next('Monthly', '2026-01-10T12:00:00Z'), '2026-01-31T23:00Z')
  t.equal(next('Cron', '2026-01-10T12:00:00Z', '15 9 * * 1-5'), '2026-01-12T08:15Z')
  t.equal(next('Cron', '2026-01-10T12:00:00Z', '0 0 30 2 *'), undefined, 'a day that never comes')
  const runs = (cron: string, from: string, to: string): number => {
    let count = 0
    let at = Date.parse(from)
    for (;;) {
      at = nextRun({ frequency: 'Cron', cron_format: cron }, 'Europe/Berlin', at) ?? Infinity
      if (at >= Date.parse(to)) return count
      count++
    }
  }
  t.equal(runs('30 2 * * *', '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z'), 1, 'the hour that is left out')
  t.equal(runs('30 2 * * *', '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z'), 1, 'the hour that comes twice')
  t.equal(runs('0 * * * *', '2026-10-24T21:30:00Z', '2026-10-25T21:30:00Z'), 24, 'every hour is every hour')
  t.end()
})

void t.test('what apps schedule is checked', async (t) => {
  t.throws(
    () => scheduledOf([{ name: 'lab', title: 'Lab', scheduler_events: { cron: { 'every day': often } } }]),
    /scheduler_events of lab: "every day" is not a cron expression/,
  )
  t.throws(
    () => scheduledOf([{ name: 'lab', title: 'Lab', scheduler_events: { cron: { '* * * * * *': often } } }]),
    /five fields/,
  )
  await eachDatabase(t, 'a job that is not exported', async (t, db) => {
    const site = labSiteOn(t, await db.open(), { jobs: [], scheduler_events: { daily: often } })
    await t.rejects(site, /scheduler_events of lab: the job lab\.often is not exported.*jobs\//)
  })
})

void eachDatabase(t, 'types follow the hooks at each migrate', async (t, db) => {
  const database = await db.config()
  const site = await labWith(t, createDatabase(database), {
    daily: [nightly, broken],
    cron: { '*/5 * * * *': often, '0 9 * * *': often },
  })
  t.match(await types(site), [
    { name: 'lab.broken', frequency: 'Daily' },
    { name: 'lab.nightly', frequency: 'Daily', stopped: 0, last_execution: null },
    { name: 'lab.often (*/5 * * * *)', frequency: 'Cron', cron_format: '*/5 * * * *' },
    { name: 'lab.often (0 9 * * *)', cron_format: '0 9 * * *' },
  ])
  await site.asAdministrator(async (ctx) => {
    const doc = await ctx.getDoc('Scheduled Job Type', 'lab.nightly')
    doc.set('stopped', 1)
    await doc.save()
  })
  const changed = testApp({ ...jobLab, jobs, scheduler_events: { weekly: nightly, hourly_long: often } })
  const apps = [...site.registry.apps.filter(({ definition }) => definition.name !== 'lab'), changed]
  await migrate(new Site({ ...parts(site), apps }))
  t.match(await types(site), [
    { name: 'lab.nightly', frequency: 'Weekly', stopped: 1 },
    { name: 'lab.often', frequency: 'Hourly Long', cron_format: null },
  ])
})

void eachDatabase(t, 'what was missed runs once, and is logged', async (t, db) => {
  ran = []
  const site = await labWith(t, await db.open(), {
    cron: { '*/5 * * * *': often },
    daily: broken,
    all: nightly,
  })
  await missDays(site, 'lab.often', 'lab.broken', 'lab.nightly')
  site.start()
  await until(() => ran.length === 3)
  const [log] = await until(async () => {
    const found = await logs(site, 'lab.often')
    return found[0]?.status === 'Complete' ? found : undefined
  })
  t.ok((log?.duration ?? -1) >= 0)
  await until(async () => (await logs(site, 'lab.broken'))[0]?.status === 'Failed')
  t.match(await logs(site, 'lab.broken'), [{ status: 'Failed', details: /Out of order/ }])
  t.same(await logs(site, 'lab.nightly'), [], 'what runs every few minutes is logged when it fails')
  t.same([...ran].sort(), ['broken', 'nightly', 'often'], 'once, not once for each time that was missed')
  for (const { last_execution } of await types(site)) t.ok(last_execution !== null)
})

void eachDatabase(
  t,
  'stopped, paused and disabled are heeded, and noticed without a restart',
  async (t, db) => {
    ran = []
    const site = await labWith(t, await db.open(), { daily: [nightly, often] })
    await site.asAdministrator(({ db }) => switchScheduler(db, 'enabled', false))
    await missDays(site, 'lab.nightly', 'lab.often')
    await site.asAdministrator(async (ctx) => {
      const doc = await ctx.getDoc('Scheduled Job Type', 'lab.often')
      doc.set('stopped', 1)
      await doc.save()
    })
    site.start()
    const tick = async (): Promise<number> => (await readSchedulerState(site)).leader?.tick ?? 0
    const looked = async (): Promise<void> => {
      const before = await tick()
      await until(async () => (await tick()) > before)
    }
    await looked()
    await looked()
    t.same(ran, [], 'disabled')
    await site.asAdministrator(async ({ db }) => {
      await switchScheduler(db, 'paused', true)
      await switchScheduler(db, 'enabled', true)
    })
    await looked()
    await looked()
    t.same(ran, [], 'paused')
    await site.asAdministrator(({ db }) => switchScheduler(db, 'paused', false))
    await until(() => ran.includes('nightly'))
    await looked()
    t.same(ran, ['nightly'], 'and what is stopped does not run')
  },
)

void eachDatabase(t, 'run now: for System Managers', async (t, db) => {
  ran = []
  const site = await labWith(t, await db.open(), { daily: nightly })
  site.start()
  const method = 'frappe.core.doctype.scheduled_job_type.scheduled_job_type.execute_event'
  const user = await addUser(site, 'user@test.example')
  for (const who of [user, 'Guest'])
    await t.rejects(site.call(method, { doc: 'lab.nightly' }, { user: who }), refusal(403, 'PermissionError'))
  const manager = await addUser(site, 'manager@test.example', ['System Manager'])
  await site.call(method, { doc: 'lab.nightly' }, { user: manager })
  await until(() => ran.length === 1)
  await until(async () => (await logs(site, 'lab.nightly'))[0]?.status === 'Complete')
  await site.call(method, { doc: JSON.stringify({ name: 'lab.nightly' }) }, { user: manager })
  await until(() => ran.length === 2)
  await t.rejects(site.call(method, { doc: 'nosuch' }, { user: manager }), refusal(404, 'DoesNotExistError'))
  await t.rejects(site.call(method, { doc: '{' }, { user: manager }), refusal(417, 'ValidationError'))
})

void eachDatabase(t, 'two processes that begin at once run what is due once', async (t, db) => {
  ran = []
  const config2 = await db.config()
  const events = { daily: [nightly, often] }
  const one = await labWith(t, createDatabase(config2), events)
  const two = new Site({ ...parts(one), database: createDatabase(config2) })
  t.teardown(() => two.close())
  await missDays(one, 'lab.nightly', 'lab.often')
  one.start()
  two.start()
  await until(() => ran.length >= 2)
  await until(async () => (await logs(one, 'lab.often'))[0]?.status === 'Complete')
  await until(async () => (await logs(one, 'lab.nightly'))[0]?.status === 'Complete')
  t.same([...ran].sort(), ['nightly', 'often'])
  t.equal((await one.jobs.counts()).waiting, 0)
})
