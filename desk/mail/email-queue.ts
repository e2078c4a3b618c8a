import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import { ValidationError } from '../errors.ts'
import { JOB_TABLE } from '../jobs/queue.ts'
import { instantOf } from '../jobs/site-time.ts'
import type { Site } from '../site/site.ts'
import { parseAddress } from './address.ts'
import type { Address, Attachment, Delivery, Message } from './port.ts'
import { readSecretText, type MailText } from './secret-text.ts'

export const QUEUE = 'Email Queue'
export const QUEUE_TABLE = 'tabEmail Queue'
const RECIPIENT_TABLE = 'tabEmail Queue Recipient'

/** Of a mail that may still be sent. */
export const OPEN: readonly string[] = ['Not Sent', 'Sending', 'Partially Sent']

/** Why mail waits on this site; null where it is sent. */
export function whyMailWaits(site: Site): string | null {
  if (site.mailer === null) return 'Mail is not set up on this site: add "mail" to its site_config.json.'
  if (site.config.mute_emails) return 'Mail is muted on this site: mute_emails in its site_config.json.'
  return null
}

interface QueueRow {
  name: string
  subject: string
  status: string
  reply_to: string | null
  message_id: string
  creation: string
  text_content: string | null
  html_content: string | null
  attachments: string | null
}

interface RecipientRow {
  name: string
  recipient: string
  recipient_name: string | null
  kind: string
  status: string
}

/** The mail for those who have not got it yet, and notes the try; null where nobody is left. */
export async function beginSending(ctx: Context, name: string): Promise<Message | null> {
  const row = await ctx.db(QUEUE_TABLE).where({ name }).forUpdate().first<QueueRow | undefined>()
  if (!row || !OPEN.includes(row.status)) return null
  const people = await ctx
    .db(RECIPIENT_TABLE)
    .where({ parent: name, parenttype: QUEUE })
    .orderBy('idx')
    .select<RecipientRow[]>()
  const envelope = people.filter(({ status }) => status === 'Not Sent').map(({ recipient }) => recipient)
  if (envelope.length === 0) return null
  await ctx
    .db(QUEUE_TABLE)
    .where({ name })
    .update({
      status: 'Sending',
      sender: ctx.site.mailer?.sender ?? null,
      modified: ctx.now(),
      retry: ctx.db.raw('retry + 1'),
    })
  const of = (kind: string): Address[] =>
    people
      .filter((one) => one.kind === kind)
      .map(({ recipient, recipient_name }) => ({ address: recipient, name: recipient_name ?? '' }))
  const said = (await readSecretText(ctx, name)) ?? openText(row)
  return {
    to: of('To'),
    cc: of('Cc'),
    replyTo: row.reply_to === null ? null : parseAddress(row.reply_to),
    subject: row.subject,
    text: said.text,
    html: said.html,
    attachments: said.attachments,
    messageId: row.message_id,
    date: new Date(instantOf(ctx.site.clock, row.creation)),
    envelope,
  }
}

/** What a mail says that is no secret. */
function openText({ text_content, html_content, attachments }: QueueRow): MailText {
  const kept = JSON.parse(attachments ?? '[]') as (Omit<Attachment, 'content'> & { content: string })[]
  return {
    text: text_content ?? '',
    html: html_content ?? '',
    attachments: kept.map((one) => ({ ...one, content: Buffer.from(one.content, 'base64') })),
  }
}

/** Nobody tries any more to reach those who have not got the mail. */
export async function giveUpMail(ctx: Context, name: string): Promise<void> {
  const left = await ctx
    .db(RECIPIENT_TABLE)
    .where({ parent: name, parenttype: QUEUE, status: 'Not Sent' })
    .pluck<string[]>('recipient')
  const reason = 'The processes that tried to send it have died each time.'
  const refused = left.map((address) => ({ address, reason, permanent: true }))
  await noteDelivery(ctx, name, { accepted: [], refused }, true)
}

/** All of it is tried anew for those who have not got it. @throws ValidationError where its text is forgotten */
export async function reopenMail(ctx: Context, name: string): Promise<void> {
  const forgotten = await ctx
    .db(QUEUE_TABLE)
    .where({ name, text_content: null, sealed_content: null })
    .first<object | undefined>('name')
  if (forgotten)
    throw new ValidationError(
      'The text of this mail was meant for one moment and is gone: have it made anew.',
    )
  await ctx
    .db(RECIPIENT_TABLE)
    .where({ parent: name, parenttype: QUEUE, status: 'Error' })
    .update({ status: 'Not Sent' })
  await ctx
    .db(QUEUE_TABLE)
    .where({ name })
    .whereIn('status', ['Error', 'Partially Sent'])
    .update({ status: 'Not Sent', retry: 0, modified: ctx.now(), modified_by: ctx.user })
}

/** Mail that somebody has still to get, and for which no job of that name waits or runs. Oldest first. */
export async function strandedMail(ctx: Context, job: string, most: number): Promise<StrandedMail[]> {
  return await ctx
    .db(QUEUE_TABLE)
    .whereIn('status', [...OPEN])
    .whereExists(
      ctx
        .db(RECIPIENT_TABLE)
        .where({ parenttype: QUEUE, status: 'Not Sent' })
        .whereRaw('?? = ??', [`${RECIPIENT_TABLE}.parent`, `${QUEUE_TABLE}.name`]),
    )
    .whereNotExists(
      ctx
        .db(JOB_TABLE)
        .where({ job })
        .whereIn('status', ['Queued', 'Running'])
        .whereRaw('?? = ??', [`${JOB_TABLE}.job_key`, `${QUEUE_TABLE}.name`]),
    )
    .orderBy('creation')
    .limit(most)
    .select<StrandedMail[]>('name', 'priority', 'retry')
}

export interface StrandedMail {
  name: string
  priority: number
  /** How often it has been tried. */
  retry: number
}

/**
 * Notes who has got the mail and who has not.
 * @param last who could not be reached now is given up
 * @returns why it must be tried again, null where it need not
 */
export async function noteDelivery(
  ctx: Context,
  name: string,
  delivery: Delivery,
  last: boolean,
): Promise<string | null> {
  const people = (): Knex.QueryBuilder => ctx.db(RECIPIENT_TABLE).where({ parent: name, parenttype: QUEUE })
  await people()
    .whereIn('recipient', [...delivery.accepted])
    .update({ status: 'Sent', error: null })
  for (const { address, reason, permanent } of delivery.refused) {
    await people()
      .where({ recipient: address })
      .update({ status: permanent || last ? 'Error' : 'Not Sent', error: reason })
  }
  const counts = await people()
    .groupBy('status')
    .select<{ status: string; n: number }[]>('status', ctx.db.raw('count(*) as n'))
  const count = (status: string): number => counts.find((row) => row.status === status)?.n ?? 0
  const [sent, open, failed] = [count('Sent'), count('Not Sent'), count('Error')]
  const status = open + failed === 0 ? 'Sent' : sent > 0 ? 'Partially Sent' : open > 0 ? 'Not Sent' : 'Error'
  const error = delivery.refused.map(({ address, reason }) => `${address}: ${reason}`).join('\n') || null
  await ctx.db(QUEUE_TABLE).where({ name }).update({ status, error, modified: ctx.now() })
  if (open > 0) return error
  await ctx.db(QUEUE_TABLE).where({ name, sensitive: 1 }).update({ sealed_content: null })
  return null
}

/** How much mail is still to go out, and how much somebody has not got for good. */
export async function mailCounts(site: Site): Promise<{ waiting: number; failed: number }> {
  const count = async (status: string): Promise<number> => {
    const rows = site.database
      .reader(RECIPIENT_TABLE)
      .where({ parenttype: QUEUE, status })
      .countDistinct({ n: 'parent' })
    const [row] = (await rows) as { n: number }[]
    return row?.n ?? 0
  }
  return { waiting: await count('Not Sent'), failed: await count('Error') }
}
