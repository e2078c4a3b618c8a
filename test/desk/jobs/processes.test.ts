import t, { type Test } from 'tap'
import { createDatabase, type DatabaseConfig } from '../../../desk/db/index.ts'
import { readSchedulerState } from '../../../desk/jobs/scheduler-state.ts'
import type { Site } from '../../../desk/site/site.ts'
import { eachDatabase, type TestDatabase } from '../../support/databases.ts'
import { labSiteOn } from '../../support/fixtures-app.ts'
import { hold, jobLab, tally } from '../../support/job-lab.ts'
import { jobIs, jobState, QUICK, secondProcess, until } from '../../support/jobs.ts'
import { smtpServer } from '../../support/smtp.ts'

t.setTimeout(240_000)
const admin = { user: 'Administrator' }

async function lab(
  t: Test,
  db: TestDatabase,
  config = {},
): Promise<{ site: Site; database: DatabaseConfig }> {
  const database = await db.config()
  const site = await labSiteOn(t, createDatabase(database), jobLab, { config: { jobs: QUICK, ...config } })
  return { site, database }
}

const tallies = (site: Site): Promise<{ n: number; pid: number }[]> =>
  site.database.reader('tabTally').orderBy('n').select<{ n: number; pid: number }[]>('n', 'pid')

void eachDatabase(t, 'two processes share the work: each job runs once', async (t, db) => {
  const { site, database } = await lab(t, db)
  const other = await secondProcess(t, database, { jobs: QUICK })
  const numbers = Array.from({ length: 120 }, (_, n) => n)
  await site.write(admin, async (ctx) => {
    for (const n of numbers.slice(0, 20)) await ctx.enqueue(tally, { n })
  })
  // This process has not begun: the other one finds them by itself.
  await until(async () => (await tallies(site)).length === 20)
  site.start()
  for (const n of numbers.slice(20)) await site.write(admin, (ctx) => ctx.enqueue(tally, { n }))
  await until(async () => (await site.jobs.counts()).waiting + (await site.jobs.counts()).running === 0)
  const rows = await tallies(site)
  t.same(
    rows.map(({ n }) => n),
    numbers,
  )
  t.same(new Set(rows.map(({ pid }) => pid)), new Set([process.pid, other.pid]), 'both took part')
  t.equal((await site.jobs.counts()).failed, 0)
})

void eachDatabase(t, 'the jobs of a process that is killed are taken up after the lease', async (t, db) => {
  const { site, database } = await lab(t, db)
  const other = await secondProcess(t, database, { jobs: QUICK }, { LAB_HOLD: '1' })
  const name = await site.write(admin, (ctx) => ctx.enqueue(hold, { n: 1 }))
  await other.line('holding')
  site.start()
  const alive = site.clock.at(Date.now() + QUICK.lease_seconds * 1500)
  await until(() => site.clock.now() > alive)
  t.match(
    await jobState(site, name),
    { status: 'Running', attempts: 1 },
    'while it gives signs of life it keeps it',
  )
  await other.kill()
  t.match(await jobIs(site, name, 'Finished'), { attempts: 2 })
  t.same(await tallies(site), [{ n: 1, pid: process.pid }])
})

void eachDatabase(t, 'a leader that is killed is replaced within its lease', async (t, db) => {
  const { site, database } = await lab(t, db)
  const other = await secondProcess(t, database, { jobs: QUICK })
  const leads = async (pid: number): Promise<boolean> => {
    const { leader } = await readSchedulerState(site)
    return leader !== null && leader.until > Date.now() && leader.holder.includes(`:${String(pid)}:`)
  }
  await until(() => leads(other.pid))
  site.start()
  await other.kill()
  const killed = Date.now()
  await until(() => leads(process.pid))
  t.ok(Date.now() - killed < QUICK.lease_seconds * 1000 + 1000)
  const third = await secondProcess(t, database, { jobs: QUICK })
  t.ok(await leads(process.pid), 'another one does not take it away')
  await site.close()
  await third.end()
  t.pass('and both end when told to')
})

void eachDatabase(t, 'killed while it sends mail: it is sent again, as the same message', async (t, db) => {
  const began: string[] = []
  let answer = false
  const smtp = await smtpServer(t, {
    data: async ({ messageId }) => {
      began.push(messageId ?? '')
      if (!answer) await new Promise(() => undefined)
      return undefined
    },
  })
  const mail = { host: '127.0.0.1', port: smtp.port, from: 'lab@test.example' }
  const { site, database } = await lab(t, db, { mail })
  const other = await secondProcess(t, database, { jobs: QUICK, mail })
  const name = await site.write(admin, (ctx) =>
    ctx.sendMail({ to: 'a@test.example', subject: 'S', text: 'T' }),
  )
  await until(() => began.length === 1)
  answer = true
  await other.kill()
  site.start()
  await until(async () => {
    const row = await site.database
      .reader('tabEmail Queue')
      .where({ name })
      .first<{ status: string }>('status')
    return row.status === 'Sent'
  })
  t.equal(smtp.received.length, 1)
  t.equal(began.length, 2)
  t.equal(began[0], began[1])
})
