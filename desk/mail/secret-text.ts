import type { Context } from '../context.ts'

/** What a mail says. */
export interface MailText {
  text: string
  html: string
}

const PLACE = { doctype: 'Email Queue', fieldname: 'secret_content' } as const

/** The text of a sensitive mail, as its Password field takes it. */
export const secretOf = ({ text, html }: MailText): string => JSON.stringify({ text, html })

/** The text of a sensitive mail that has not been forgotten yet; null where there is none. */
export async function readSecretText(ctx: Context, name: string): Promise<MailText | null> {
  const secret = await ctx.getPassword(PLACE.doctype, name, PLACE.fieldname)
  return secret === null ? null : (JSON.parse(secret) as MailText)
}

/** Nobody is to get the mail any more. */
export async function forgetSecretText(ctx: Context, name: string): Promise<void> {
  await ctx
    .db('__Auth')
    .where({ ...PLACE, name })
    .delete()
  await ctx.db('tabEmail Queue').where({ name }).update({ secret_content: null })
}
