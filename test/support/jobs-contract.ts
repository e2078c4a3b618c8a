import { Type } from 'typebox'
import type { Test } from 'tap'
import { defineJob } from '../../desk/jobs/job.ts'
import type { Site } from '../../desk/site/site.ts'
import type { TestDatabase } from './databases.ts'
import { addUser, labSite, refusal, type LabOptions } from './fixtures-app.ts'
import { QUICK, until } from './jobs.ts'

/** What every implementation of `Jobs` must do, whatever it keeps its queue in. */
export async function jobsContract(t: Test, db: TestDatabase, options: LabOptions = {}): Promise<void> {
  const ran: string[] = []
  const gates = new Map<string, () => void>()
  const note = defineJob({
    name: 'lab.note',
    input: Type.Object({ text: Type.String() }),
    handler: ({ text }) => {
      ran.push(text)
      return Promise.resolve()
    },
  })
  const who = defineJob({
    name: 'lab.who',
    handler: (_args, run) =>
      run.read((ctx) => {
        ran.push(ctx.user)
        return Promise.resolve()
      }),
  })
  const gated = defineJob({
    name: 'lab.gated',
    input: Type.Object({ gate: Type.String() }),
    handler: async ({ gate }) => {
      ran.push(gate)
      await new Promise<void>((resolve) => gates.set(gate, resolve))
    },
  })
  let failures = 0
  const flaky = defineJob({
    name: 'lab.flaky',
    retries: 3,
    handler: () =>
      ++failures < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve(void ran.push('flaky')),
  })
  const hopeless = defineJob({
    name: 'lab.hopeless',
    retries: 1,
    handler: (_args, run) => Promise.reject(new Error(`attempt ${String(run.attempt)}`)),
  })
  const slow = defineJob({
    name: 'lab.slow',
    retries: 0,
    timeout: 0.1,
    handler: (_args, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      }),
  })
  const jobs = [note, who, gated, flaky, hopeless, slow]
  const site: Site = await labSite(
    t,
    db,
    { jobs },
    { config: { jobs: QUICK, ...options.config }, ...options },
  )
  site.start()
  const admin = { user: 'Administrator' }
  const has = (text: string): Promise<string> => until(() => ran.find((one) => one === text), { what: text })

  await t.test('runs after the commit', async (t) => {
    await site.write(admin, async (ctx) => {
      await ctx.enqueue(note, { text: 'first' })
      t.notOk(ran.includes('first'))
    })
    await has('first')
  })

  await t.test('does not run after a rollback', async (t) => {
    const failed = site.write(admin, async (ctx) => {
      await ctx.enqueue(note, { text: 'never' })
      throw new Error('undone')
    })
    await t.rejects(failed, /undone/)
    await site.write(admin, (ctx) => ctx.enqueue(note, { text: 'after never' }))
    await has('after never')
    t.notOk(ran.includes('never'))
  })

  await t.test('as the user who asked', async () => {
    const user = await addUser(site, 'asker@test.example')
    await site.write({ user }, (ctx) => ctx.enqueue(who, {}))
    await has(user)
  })

  await t.test('not before its time', async (t) => {
    const began = Date.now()
    await site.write(admin, (ctx) => ctx.enqueue(note, { text: 'later' }, { at: 0.4 }))
    await has('later')
    t.ok(Date.now() - began >= 400, 'seconds from now')
    const at = site.clock.at(Date.now() + 300)
    await site.write(admin, (ctx) => ctx.enqueue(note, { text: 'at' }, { at }))
    await has('at')
    t.ok(site.clock.now() >= at, 'a time of the site')
  })

  await t.test('one key, one job that waits', async (t) => {
    const ask = (gate: string, key?: string): Promise<string> =>
      site.write(admin, (ctx) => ctx.enqueue(gated, { gate }, { at: 0.2, ...(key ? { key } : {}) }))
    const names = await Promise.all([ask('one', 'K'), ask('two', 'K'), ask('three', 'L')])
    t.equal(names[0], names[1])
    t.not(names[0], names[2])
    await has('three')
    const gate = await until(() => ['one', 'two'].find((one) => gates.has(one)))
    t.equal(ran.filter((one) => one === 'one' || one === 'two').length, 1)
    const next = await ask('next', 'K')
    t.not(next, names[0], 'one that runs already does not stand for it')
    await has('next')
    for (const open of ['three', gate, 'next']) (await until(() => gates.get(open)))()
  })

  await t.test('what fails is tried again; in the end it has failed', async (t) => {
    await site.write(admin, (ctx) => ctx.enqueue(flaky, {}))
    await has('flaky')
    t.equal(failures, 3)
    await site.write(admin, (ctx) => ctx.enqueue(hopeless, {}))
    await site.write(admin, (ctx) => ctx.enqueue(slow, {}))
    await until(async () => ((await site.jobs.counts()).failed === 2 ? true : undefined), {
      what: 'two failures',
    })
    await until(async () => ((await site.jobs.counts()).running === 0 ? true : undefined))
    t.equal((await site.jobs.counts()).waiting, 0)
  })

  await t.test('refused where it was asked for', async (t) => {
    const strange = defineJob({ name: 'lab.strange', handler: () => Promise.resolve() })
    await t.rejects(
      site.write(admin, (ctx) => ctx.enqueue(strange, {})),
      /no job lab\.strange.*jobs\//,
    )
    await t.rejects(
      site.write(admin, (ctx) => ctx.enqueue(note, {} as { text: string })),
      /arguments of the job lab\.note/,
    )
    await t.rejects(
      site.read(admin, (ctx) => ctx.enqueue(note, { text: 'x' })),
      /only by a method that writes/,
    )
    for (const at of ['tomorrow', '2026-02-30 10:00:00', NaN]) {
      await t.rejects(
        site.write(admin, (ctx) => ctx.enqueue(note, { text: 'x' }, { at })),
        refusal(417, 'ValidationError'),
      )
    }
  })

  await t.test('a stop lets what runs finish, and keeps what waits', async (t) => {
    await site.write(admin, (ctx) => ctx.enqueue(gated, { gate: 'last' }))
    await has('last')
    const stopped = site.jobs.stop()
    await site.write(admin, (ctx) => ctx.enqueue(note, { text: 'kept' }))
    ;(await until(() => gates.get('last')))()
    await stopped
    t.match(await site.jobs.counts(), { running: 0, waiting: 1 })
    t.notOk(ran.includes('kept'))
    site.jobs.start()
    await has('kept')
  })
}
