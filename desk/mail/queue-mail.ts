import { randomUUID } from 'node:crypto'
import type { Context } from '../context.ts'
import { enqueueMail } from '../jobs/send-mail.ts'
import type { Site } from '../site/site.ts'
import { checkMail, type Mail } from './compose.ts'
import { QUEUE, whyMailWaits } from './email-queue.ts'
import { secretOf } from './secret-text.ts'

/** Puts a mail into the Email Queue, in this transaction; it goes out after commit. @returns its name */
export async function queueMail(ctx: Context, mail: Mail): Promise<string> {
  const { recipients, subject, text, html, replyTo, attachments } = checkMail(mail)
  const priority = mail.priority ?? 1
  const reason = whyMailWaits(ctx.site)
  const doc = await ctx.insert(
    QUEUE,
    {
      subject,
      status: 'Not Sent',
      sender: ctx.site.mailer?.sender ?? null,
      reply_to: replyTo,
      priority,
      error: reason,
      message_id: `<${randomUUID()}@${idHost(ctx.site)}>`,
      reference_doctype: mail.reference?.doctype ?? null,
      reference_name: mail.reference?.name ?? null,
      sensitive: mail.sensitive ? 1 : 0,
      // Who reads the queue must not come in by what others are sent.
      ...(mail.sensitive
        ? { sealed_content: secretOf(ctx.site, { text, html, attachments }) }
        : {
            text_content: text,
            html_content: html,
            attachments: JSON.stringify(
              attachments.map((one) => ({ ...one, content: one.content.toString('base64') })),
            ),
          }),
      recipients: recipients.map(({ name, address, kind }) => ({
        recipient: address,
        recipient_name: name,
        kind,
      })),
    },
    { ignorePermissions: true },
  )
  if (reason === null) await enqueueMail(ctx, doc.name, priority)
  return doc.name
}

/** The right side of message ids, which must not tell more than the site's name. */
const idHost = (site: Site): string => /^[\w.-]+$/.exec(site.name)?.[0] ?? 'localhost'
