import { createHash, randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import { LinkExpired } from '../errors.ts'
import { ADMINISTRATOR, GUEST } from '../permissions/roles.ts'
import { siteUrl } from './site-url.ts'

const DEFAULT_HOURS = 24

const digest = (key: string): string => createHash('sha256').update(key).digest('hex')

const hours = (ctx: Context): number => ctx.site.config.reset_password_link_hours ?? DEFAULT_HOURS

/**
 * Mails a user a link to choose a new password, where there is such a user who may log in. An older link ends.
 * @param origin the site's address as they reached it
 */
export async function mailResetLink(ctx: Context, user: string, origin: string | undefined): Promise<void> {
  const id = user.toLowerCase() === ADMINISTRATOR.toLowerCase() ? ADMINISTRATOR : user.toLowerCase()
  const person = await ctx
    .db('tabUser')
    .where({ name: id, enabled: 1 })
    .whereNot({ name: GUEST })
    .first<{ name: string; email: string; full_name: string | null } | undefined>(
      'name',
      'email',
      'full_name',
    )
  if (!person) return
  const key = randomBytes(32).toString('hex')
  await ctx
    .db('tabUser')
    .where({ name: person.name })
    .update({ reset_password_key: digest(key), last_reset_password_key_generated_on: ctx.now() })
  const { site } = ctx
  const base = siteUrl(site, origin)
  await ctx.sendMail({
    to: person.email,
    subject: `Choose a new password for ${site.name}`,
    sensitive: true,
    text: `Hello ${person.full_name ?? person.email},

somebody, probably you, asked for a new password for your account at ${base}.
Open this address within ${String(hours(ctx))} hours to choose one:

${base}/update-password?key=${key}

If it was not you, do nothing: your password stays as it is.
`,
  })
}

/** The user whose link this key came with. Asked in a transaction it locks the user, so that a key counts once. @throws LinkExpired */
export async function userOfResetKey(ctx: Context, key: string): Promise<string> {
  const row = await ctx
    .db('tabUser')
    .where({ reset_password_key: digest(key), enabled: 1 })
    .modify((query) => void (ctx.writes ? query.forUpdate() : query))
    .first<{ name: string; made: string | null } | undefined>(
      'name',
      'last_reset_password_key_generated_on as made',
    )
  const oldest = ctx.site.clock.at(Date.now() - hours(ctx) * 3_600_000)
  if (!row?.made || row.made < oldest) {
    throw new LinkExpired('This link was used already or is too old. Ask for a new one.')
  }
  return row.name
}
