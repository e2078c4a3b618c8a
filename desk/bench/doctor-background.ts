import { describeScheduler, readSchedulerState } from '../jobs/scheduler-state.ts'
import { mailCounts, whyMailWaits } from '../mail/email-queue.ts'
import type { Site } from '../site/site.ts'

/** How it stands with the scheduler, the background jobs and the site's mail. */
export async function checkBackground(
  site: Site,
  run: (name: string, check: () => Promise<string>) => Promise<void>,
): Promise<void> {
  await run('scheduler', async () => describeScheduler(await readSchedulerState(site), Date.now()))
  await run('jobs', async () => {
    const { waiting, running, failed } = await site.jobs.counts()
    return `${String(waiting)} wait, ${String(running)} run, ${String(failed)} have failed`
  })
  await run('mail', () => checkMail(site))
}

/** @throws Error where mail cannot leave that is meant to */
async function checkMail(site: Site): Promise<string> {
  const { waiting, failed } = await mailCounts(site)
  const counts = `${String(waiting)} to send, ${String(failed)} with errors`
  const reason = whyMailWaits(site)
  if (site.mailer === null) {
    if (waiting > 0) throw new Error(`${counts}. ${reason ?? ''}`)
    return 'not set up: what is sent waits until "mail" is in site_config.json'
  }
  if (reason !== null) return `${counts}. ${reason}`
  await site.mailer.verify()
  return `the server lets us in; ${counts}`
}
