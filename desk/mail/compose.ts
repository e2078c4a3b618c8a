import { ValidationError } from '../errors.ts'
import { addressList, checkHeader, parseAddress } from './address.ts'
import type { Address } from './port.ts'

export interface MailAttachment {
  filename: string
  content: string | Uint8Array
  /** Such as `application/pdf`; else guessed from the name. */
  contentType?: string
}

/** A mail that the server wants sent. Addresses are `ann@example.com` or `Ann <ann@example.com>`, one a string. */
export interface Mail {
  to: string | readonly string[]
  cc?: string | readonly string[]
  bcc?: string | readonly string[]
  subject: string
  text: string
  /** HTML of the server's own making: what users typed must be escaped in it. Made from `text` where it is left out. */
  html?: string
  replyTo?: string
  attachments?: readonly MailAttachment[]
  /** The document that the mail is about. */
  reference?: { doctype: string; name: string }
  /**
   * What it says, or brings, is for its readers alone (a link for a new password): the queue keeps text and attachments
   * as a secret, and forgets them as soon as they have gone out. Subject and recipients are no secret.
   */
  sensitive?: boolean
  /** Mail with a higher one goes first. Default 1. */
  priority?: number
}

/** A mail that has been checked. */
export interface CheckedMail {
  recipients: (Address & { kind: 'To' | 'Cc' | 'Bcc' })[]
  subject: string
  text: string
  html: string
  replyTo: string | null
  attachments: { filename: string; content: Buffer; contentType?: string }[]
}

/** Servers rarely take more, and a database not much more in one statement. */
const MOST_BYTES = 10 * 1024 * 1024
const MOST_RECIPIENTS = 500
const CONTENT_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/

/** @throws ValidationError that says what is wrong with it */
export function checkMail(mail: Mail): CheckedMail {
  const taken = new Set<string>()
  const of = (kind: 'To' | 'Cc' | 'Bcc', given: Mail['cc']): CheckedMail['recipients'] =>
    addressList(given, taken).map((one) => ({ ...one, kind }))
  const recipients = [...of('To', mail.to), ...of('Cc', mail.cc), ...of('Bcc', mail.bcc)]
  if (recipients.length === 0) throw new ValidationError('A mail needs somebody to go to.')
  if (recipients.length > MOST_RECIPIENTS)
    throw new ValidationError(`A mail goes to at most ${String(MOST_RECIPIENTS)} people: send several.`)
  const attachments = (mail.attachments ?? []).map(({ filename, content, contentType }) => {
    checkHeader("attachment's name", filename)
    if (contentType !== undefined && !CONTENT_TYPE.test(contentType))
      throw new ValidationError(`"${contentType.slice(0, 60)}" is not a content type, such as text/plain.`)
    return { filename, content: Buffer.from(content), ...(contentType ? { contentType } : {}) }
  })
  const html = mail.html ?? htmlOf(mail.text)
  const bytes = attachments.reduce((sum, { content }) => sum + content.length, mail.text.length + html.length)
  if (bytes > MOST_BYTES)
    throw new ValidationError('A mail holds at most 10 MiB. Send a link to large files instead.')
  if (mail.replyTo !== undefined) parseAddress(mail.replyTo)
  return {
    recipients,
    subject: checkHeader('subject', mail.subject),
    text: mail.text,
    html,
    replyTo: mail.replyTo ?? null,
    attachments,
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as HTML that shows just that text. */
export function htmlOf(text: string): string {
  const escaped = text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? '')
  return escaped
    .split(/\r?\n(?:\r?\n)+/)
    .map((paragraph) => `<p>${paragraph.replaceAll(/\r?\n/g, '<br>\n')}</p>`)
    .join('\n')
}
