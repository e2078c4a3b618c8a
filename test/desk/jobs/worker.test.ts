import t from 'tap'
import { defineJob } from '../../../desk/jobs/job.ts'
import { instantOf } from '../../../desk/jobs/site-time.ts'
import { jobSettings } from '../../../desk/jobs/settings.ts'
import { trimLogs } from '../../../desk/jobs/trim-logs.ts'
import { Clock } from '../../../desk/site/clock.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, labSite, labSiteOn, refusal } from '../../support/fixtures-app.ts'
import { jobLab, tally } from '../../support/job-lab.ts'
import { jobIs, jobState, QUICK, until } from '../../support/jobs.ts'

const admin = { user: 'Administrator' }
const config = { jobs: QUICK }

void eachDatabase(t, 'a run that was given up changes nothing any more', async (t, db) => {
  const late: Promise<unknown>[] = []
  let resume: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (resume = resolve))
  const stubborn = defineJob({
    name: 'lab.stubborn',
    retries: 0,
    timeout: 0.1,
    handler: async (_args, run) => {
      await gate
      const write = run.write((ctx) => ctx.insert('Tally', { n: 1 }))
      late.push(write.catch((error: unknown) => error))
      await write
    },
  })
  const site = await labSite(t, db, { ...jobLab, jobs: [stubborn] }, { config })
  site.start()
  const name = await site.write(admin, (ctx) => ctx.enqueue(stubborn, {}))
  const { error, error_log } = await jobIs(site, name, 'Failed')
  t.match(error, /longer than its 0\.1 seconds/)
  t.ok(await site.read(admin, (ctx) => ctx.exists('Error Log', error_log ?? '')))
  resume()
  await until(() => late.length === 1)
  t.match(await late[0], { message: /has been given up/ })
  t.same(await site.database.reader('tabTally').select(), [])
})

void eachDatabase(t, 'a process that stops gives back what does not end', async (t, db) => {
  const endless = defineJob({
    name: 'lab.endless',
    handler: () => new Promise<void>(() => undefined),
  })
  const site = await labSite(
    t,
    db,
    { jobs: [endless] },
    { config: { jobs: { ...QUICK, grace_seconds: 0.2 } } },
  )
  site.start()
  const name = await site.write(admin, (ctx) => ctx.enqueue(endless, {}, { key: 'K' }))
  await jobIs(site, name, 'Running')
  const second = await site.write(admin, (ctx) => ctx.enqueue(endless, {}, { key: 'K', at: 3600 }))
  await site.jobs.stop()
  t.match(await jobState(site, name), { status: 'Queued', attempts: 0, claimed_by: null })
  t.match(await jobState(site, second), { status: 'Queued' }, 'though another with its key waits by now')
})

void eachDatabase(
  t,
  'a job that kills each process is not tried for ever; nor is one that is gone',
  async (t, db) => {
    const site = await labSite(t, db, jobLab, { config })
    const name = await site.write(admin, async (ctx) => {
      const made = await ctx.enqueue(tally, { n: 1 })
      await ctx
        .db('tabBackground Job')
        .where({ name: made })
        .update({ status: 'Running', claimed_by: 'dead', attempts: 4, due: Date.now() - 1 })
      return made
    })
    const gone = await site.write(admin, async (ctx) => {
      const made = await ctx.enqueue(tally, { n: 2 })
      await ctx.db('tabBackground Job').where({ name: made }).update({ job: 'lab.uninstalled' })
      return made
    })
    site.start()
    t.match(await jobIs(site, name, 'Failed'), { error: /have died/ })
    t.match(await jobIs(site, gone, 'Failed'), { error: /no job lab\.uninstalled.*installed/ })
  },
)

void eachDatabase(t, 'System Managers see jobs and try them again; others do not', async (t, db) => {
  let fails = true
  const flaky = defineJob({
    name: 'lab.flaky',
    retries: 0,
    handler: () => (fails ? Promise.reject(new Error('Out of order')) : Promise.resolve()),
  })
  const site = await labSite(t, db, { jobs: [flaky] }, { config })
  site.start()
  const name = await site.write(admin, (ctx) => ctx.enqueue(flaky, {}))
  await jobIs(site, name, 'Failed')
  const user = await addUser(site, 'user@test.example')
  const manager = await addUser(site, 'manager@test.example', ['System Manager'])
  const retry = (who: string, what = name): Promise<unknown> =>
    site.call('desk.api.jobs.retry', { name: what }, { user: who })
  for (const who of [user, 'Guest']) {
    await t.rejects(retry(who), refusal(403, 'PermissionError'))
    await t.rejects(
      site.read({ user: who }, (ctx) => ctx.getList('Background Job')),
      refusal(403, 'PermissionError'),
    )
  }
  const listed = await site.read({ user: manager }, (ctx) =>
    ctx.getList('Background Job', { fields: ['name', 'job', 'status'], filters: { status: 'Failed' } }),
  )
  t.same(listed, [{ name, job: 'lab.flaky', status: 'Failed' }])
  fails = false
  await retry(manager)
  await jobIs(site, name, 'Finished')
  await t.rejects(retry(manager), refusal(417, 'ValidationError', /has not failed/))
  await t.rejects(retry(manager, 'nosuch'), refusal(404, 'DoesNotExistError'))
  await t.rejects(
    site.write({ user: manager }, (ctx) => ctx.insert('Background Job', { job: 'lab.flaky' })),
    refusal(403, 'PermissionError'),
  )
})

void eachDatabase(t, 'old logs, jobs, mail and sessions go; what is young or open stays', async (t, db) => {
  const site = await labSiteOn(t, await db.open(), jobLab, {
    config: { ...config, log_retention_days: { 'Error Log': 10, 'Scheduled Job Log': 0 } },
  })
  const days = (n: number): string => site.clock.at(Date.now() - n * 86_400_000)
  const row = (name: string, creation: string, values: object): object => ({
    name,
    creation,
    modified: creation,
    ...values,
  })
  await site.database.transaction(async (tx) => {
    await tx('tabError Log').insert([row('old', days(11), {}), row('young', days(9), {})])
    await tx('tabScheduled Job Log').insert(row('ancient', days(900), {}))
    await tx('tabBackground Job').insert([
      row('done', days(20), { status: 'Finished', ended_at: days(20), due: 8.64e15 }),
      row('fresh', days(20), { status: 'Failed', ended_at: days(1), due: 8.64e15 }),
      row('waits', days(20), { status: 'Queued', job: 'lab.tally', due: Date.now() + 3.6e6 }),
    ])
    await tx('tabEmail Queue').insert([
      row('sent', days(31), { status: 'Sent' }),
      row('open', days(31), { status: 'Not Sent' }),
    ])
    await tx('tabEmail Queue Recipient').insert(
      ['sent', 'open'].map((parent) =>
        row(`of ${parent}`, days(31), { parent, parenttype: 'Email Queue', status: 'Error' }),
      ),
    )
    await tx('tabSessions').insert([
      { sid: 'expired', user: 'Guest', lastupdate: days(8) },
      { sid: 'live', user: 'Guest', lastupdate: days(6) },
    ])
    await tx('tabError Log').insert(
      Array.from({ length: 400 }, (_, i) => row(`many ${String(i)}`, days(12), {})),
    )
    await tx('tabError Log').insert(
      Array.from({ length: 400 }, (_, i) => row(`more ${String(i)}`, days(12), {})),
    )
  })
  site.start()
  const name = await site.write(admin, (ctx) => ctx.enqueue(trimLogs, {}))
  await jobIs(site, name, 'Finished')
  const names = (table: string, key = 'name'): Promise<string[]> =>
    site.database.reader(table).orderBy(key).pluck<string[]>(key)
  t.same(await names('tabError Log'), ['young'])
  t.same(await names('tabScheduled Job Log'), ['ancient'])
  t.same((await names('tabBackground Job')).filter((one) => one !== name).sort(), ['fresh', 'waits'])
  t.same(await names('tabEmail Queue'), ['open'])
  t.same(await names('tabEmail Queue Recipient'), ['of open'])
  t.same(await names('tabSessions', 'sid'), ['live'])
})

void t.test('an idle process asks one cheap statement', async (t) => {
  await eachDatabase(t, 'of an index', async (t, db) => {
    const database = await db.open()
    const site = await labSiteOn(t, database, jobLab, { config: { jobs: { ...QUICK, lease_seconds: 30 } } })
    site.start()
    const looks = (seen: readonly string[]): string[] =>
      seen.filter((sql) => sql.includes('tabBackground Job'))
    const sent: string[] = []
    t.teardown(database.onQuery((sql) => sent.push(sql)))
    await until(() => looks(sent).length >= 5)
    t.ok(
      looks(sent).every((sql) =>
        /^select `name`, `due` from .* where `due` < \? order by `due` asc limit \?$/.test(sql),
      ),
    )
    const explained: unknown = await database.reader.raw(
      `explain ${database.kind === 'sqlite' ? 'query plan ' : ''}${looks(sent)[0] ?? ''}`,
      [8.64e15, 5],
    )
    t.match(JSON.stringify(explained), /due_index/)
  })
})

void t.test('settings and times', (t) => {
  t.match(jobSettings({}), { concurrency: 4, poll: 3000, lease: 30_000 })
  t.match(jobSettings({ background_workers: 2, jobs: { lease_seconds: 5 } }), { concurrency: 2, lease: 5000 })
  t.throws(() => jobSettings({ jobs: { poll_seconds: 0 } }), /jobs\.poll_seconds.*above 0/)
  const berlin = new Clock('Europe/Berlin')
  const utc = (text: string): string => new Date(instantOf(berlin, text)).toISOString()
  t.equal(utc('2026-01-10 12:00:00'), '2026-01-10T11:00:00.000Z')
  t.equal(utc('2026-07-10 12:00'), '2026-07-10T10:00:00.000Z')
  t.equal(utc('2026-03-29 02:30:00'), '2026-03-29T01:30:00.000Z', 'an hour that the clocks leave out')
  t.equal(utc('2026-10-25 02:30:00'), '2026-10-25T00:30:00.000Z', 'one that they show twice')
  t.equal(utc('2026-10-25 03:00:00'), '2026-10-25T02:00:00.000Z')
  for (const text of ['', '2026', '2026-13-01 00:00:00', '2026-01-10 24:00:00', "2026-01-10 10:00:00'"])
    t.throws(() => instantOf(berlin, text), refusal(417, 'ValidationError'))
  t.end()
})
