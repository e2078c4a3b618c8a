import { Type } from 'typebox'
import type { Context } from '../context.ts'
import {
  beginSending,
  giveUpMail,
  noteDelivery,
  reopenMail,
  strandedMail,
  whyMailWaits,
} from '../mail/email-queue.ts'
import { defineJob, type Job } from './job.ts'

const RETRIES = 10
const MOST_AT_ONCE = 500

/**
 * Sends one mail of the Email Queue to those who have not got it. A process that dies between the server's answer
 * and our note of it sends it once more, under the same Message-ID.
 */
export const sendMail: Job<{ name: string }> = defineJob({
  name: 'desk.jobs.send_mail',
  input: Type.Object({ name: Type.String() }),
  retries: RETRIES,
  timeout: 600,
  async handler({ name }, run) {
    const { mailer } = run.site
    if (mailer === null || whyMailWaits(run.site) !== null) return
    const message = await run.write((ctx) => beginSending(ctx, name))
    if (!message) return
    const delivery = await mailer.send(message)
    const last = run.attempt > RETRIES
    const reason = await run.write((ctx) => noteDelivery(ctx, name, delivery, last))
    if (reason !== null) throw new Error(`Mail ${name} was not sent to all: ${reason}`)
  },
})

/** Has mail sent that waited for the site's mail to be set up, or whose job is gone. */
export const sendWaitingMail = defineJob({
  name: 'desk.jobs.send_waiting_mail',
  async handler(_args, run) {
    if (whyMailWaits(run.site) !== null) return
    await run.write(async (ctx) => {
      for (const { name, priority, retry } of await strandedMail(ctx, sendMail.name, MOST_AT_ONCE)) {
        if (retry > RETRIES) await giveUpMail(ctx, name)
        else await enqueueMail(ctx, name, priority)
      }
    })
  },
})

/** Has a job send it, unless one waits to do so already. */
export async function enqueueMail(ctx: Context, name: string, priority: number): Promise<void> {
  await ctx.enqueue(sendMail, { name }, { key: name, priority: priority - 1 })
}

/** Tries a mail anew for all who have not got it. */
export async function sendAgain(ctx: Context, name: string): Promise<void> {
  await reopenMail(ctx, name)
  await enqueueMail(ctx, name, 1)
}
