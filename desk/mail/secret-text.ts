import type { Context } from '../context.ts'
import { decryptBytes, encrypt } from '../document/cipher.ts'
import { keyOf } from '../document/secrets.ts'
import { ValidationError } from '../errors.ts'
import type { Site } from '../site/site.ts'
import type { Attachment } from './port.ts'

/** What a mail says, and what comes with it. */
export interface MailText {
  text: string
  html: string
  attachments: readonly Attachment[]
}

/** What is sealed begins with a line of JSON; the attachments' bytes follow, one after the other. */
interface Head {
  text: string
  html: string
  attachments: { filename: string; contentType?: string; bytes: number }[]
}

const PURPOSE = 'Email Queue\nsealed_content'

/**
 * All of a sensitive mail but its subject and its readers, as the queue keeps it until it is out: who reads the queue,
 * or a backup of it without the site's key, cannot read this.
 * @throws ValidationError without an encryption key
 */
export function secretOf(site: Site, { text, html, attachments }: MailText): string {
  const head: Head = {
    text,
    html,
    attachments: attachments.map(({ content, ...about }) => ({ ...about, bytes: content.length })),
  }
  const parts = [Buffer.from(`${JSON.stringify(head)}\n`), ...attachments.map(({ content }) => content)]
  return encrypt(keyOf(site), Buffer.concat(parts), PURPOSE)
}

/**
 * A sensitive mail that has not been forgotten yet; null where there is none.
 * @throws ValidationError where the site's encryption_key is missing or another
 */
export async function readSecretText(ctx: Context, name: string): Promise<MailText | null> {
  const row = await ctx
    .db('tabEmail Queue')
    .where({ name })
    .first<{ sealed_content: string | null } | undefined>('sealed_content')
  if (!row?.sealed_content) return null
  const sealed = decryptBytes(keyOf(ctx.site), row.sealed_content, PURPOSE)
  if (!sealed) {
    throw new ValidationError(
      `Mail ${name} cannot be read with the encryption_key in site_config.json. Put back the key it was queued with.`,
    )
  }
  let at = sealed.indexOf('\n') + 1
  const { text, html, attachments } = JSON.parse(sealed.toString('utf8', 0, at)) as Head
  const unpacked = attachments.map(({ bytes, ...about }) => {
    at += bytes
    return { ...about, content: sealed.subarray(at - bytes, at) }
  })
  return { text, html, attachments: unpacked }
}
