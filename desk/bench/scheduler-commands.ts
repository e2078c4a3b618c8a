import { describeScheduler, readSchedulerState, switchScheduler } from '../jobs/scheduler-state.ts'
import { whyMailWaits } from '../mail/email-queue.ts'
import type { Site } from '../site/site.ts'
import type { Command, Input } from './command.ts'
import { withSite } from './with-site.ts'

/** What each word switches; running processes heed it at their next look. */
const SWITCHES = {
  enable: { field: 'enabled', on: true, said: 'Scheduled jobs run.' },
  disable: { field: 'enabled', on: false, said: 'Scheduled jobs do not run until "bench scheduler enable".' },
  pause: { field: 'paused', on: true, said: 'Scheduled jobs do not run until "bench scheduler resume".' },
  resume: { field: 'paused', on: false, said: 'Scheduled jobs run again, unless the scheduler is disabled.' },
} as const

const isSwitch = (word: string): word is keyof typeof SWITCHES => Object.hasOwn(SWITCHES, word)

export const schedulerCommands: readonly Command[] = [
  {
    name: 'scheduler',
    group: 'Running',
    summary: 'Switch scheduled jobs on or off, or say how it stands with them',
    details: 'Processes that serve the site heed it within seconds. What was missed meanwhile runs once.',
    args: [{ name: 'ACTION', complete: [...Object.keys(SWITCHES), 'status'] }],
    examples: ['bench scheduler status', 'bench --site shop.example scheduler pause'],
    run: scheduler,
  },
]

async function scheduler(input: Input): Promise<void> {
  const action = input.arg()
  await withSite(input, async (site) => {
    if (action === 'status') {
      for (const line of await status(site)) console.log(line)
      return
    }
    if (!isSwitch(action))
      throw new Error(`"bench scheduler ${action}" is not known: enable, disable, pause, resume or status.`)
    const { field, on, said } = SWITCHES[action]
    await site.asAdministrator(({ db }) => switchScheduler(db, field, on))
    console.log(said)
  })
}

async function status(site: Site): Promise<string[]> {
  const types = await site.database.reader('tabScheduled Job Type').orderBy('name').select<
    {
      name: string
      frequency: string
      cron_format: string | null
      stopped: 0 | 1
      last_execution: string | null
    }[]
  >('name', 'frequency', 'cron_format', 'stopped', 'last_execution')
  const { waiting, running, failed } = await site.jobs.counts()
  const reason = whyMailWaits(site)
  return [
    `Scheduler of ${site.name}: ${describeScheduler(await readSchedulerState(site), Date.now())}.`,
    `Jobs: ${String(waiting)} wait, ${String(running)} run, ${String(failed)} have failed.`,
    ...(reason === null ? [] : [reason]),
    ...types.map(({ name, frequency, cron_format, stopped, last_execution }) => {
      const when = stopped === 1 ? 'stopped' : (cron_format ?? frequency)
      return `${name}: ${when}; last run ${last_execution?.slice(0, 19) ?? 'never'}`
    }),
  ]
}
