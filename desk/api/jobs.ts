import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { PermissionError, ValidationError } from '../errors.ts'
import { requeueJob } from '../jobs/queue.ts'
import { sendAgain } from '../jobs/send-mail.ts'
import { whyMailWaits } from '../mail/email-queue.ts'
import { defineMethod } from '../method.ts'
import { visibleDoc } from '../permissions/access.ts'

/** What decides over the server's own work is for those who look after it. */
async function onlyForManagers(ctx: Context): Promise<void> {
  if (!(await ctx.roles()).has('System Manager'))
    throw new PermissionError('This is for System Managers only.')
}

export const retryJob = defineMethod({
  name: 'desk.api.jobs.retry',
  summary: 'Runs a background job that has failed once more, with all its tries.',
  writes: true,
  input: Type.Object({ name: Type.String() }),
  async handler({ name }, ctx) {
    await onlyForManagers(ctx)
    const doc = await visibleDoc(ctx, 'Background Job', name, 'read')
    if (!(await requeueJob(ctx, doc.name)))
      throw new ValidationError(`Job ${doc.name} has not failed: only a job that has can be tried again.`)
    ctx.afterCommit(() => {
      ctx.site.jobs.wake()
    })
  },
})

export const runScheduledJob = defineMethod({
  name: 'frappe.core.doctype.scheduled_job_type.scheduled_job_type.execute_event',
  summary: 'Runs a scheduled job now; it also runs when its time comes.',
  writes: true,
  input: Type.Object({
    doc: Type.String({ description: 'The name of a Scheduled Job Type, or the document as JSON' }),
  }),
  async handler({ doc }, ctx) {
    await onlyForManagers(ctx)
    const type = await visibleDoc(ctx, 'Scheduled Job Type', nameOf(doc), 'read')
    const job = ctx.site.registry.job(type.text('method'))
    return await ctx.enqueue(job, {}, { key: type.name, scheduledJobType: type.name })
  },
})

/** The form sends the document, as Frappe's does. */
function nameOf(doc: string): string {
  if (!doc.startsWith('{')) return doc
  try {
    const { name } = JSON.parse(doc) as { name?: unknown }
    if (typeof name === 'string') return name
  } catch {
    // Falls through to the same message.
  }
  throw new ValidationError('doc must be the name of a Scheduled Job Type, or the document as JSON.')
}

export const sendNow = defineMethod({
  name: 'frappe.email.doctype.email_queue.email_queue.send_now',
  summary:
    'Sends a mail of the Email Queue now to those who have not got it, those included that were given up.',
  writes: true,
  input: Type.Object({ name: Type.String() }),
  async handler({ name }, ctx) {
    await onlyForManagers(ctx)
    const doc = await visibleDoc(ctx, 'Email Queue', name, 'read')
    const reason = whyMailWaits(ctx.site)
    if (reason !== null) throw new ValidationError(reason)
    await sendAgain(ctx, doc.name)
  },
})
