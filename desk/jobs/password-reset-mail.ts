import { Type } from 'typebox'
import { mailResetLink } from '../site/password-reset.ts'
import { defineJob } from './job.ts'

/** Mails in one hour to one user; more are dropped, and nobody is told. */
const MOST_AN_HOUR = 5

/** Looks whether there is such a user, and mails the link: in the background, where nobody can time it. */
export const passwordResetMail = defineJob({
  name: 'desk.password_reset_mail',
  input: Type.Object({ user: Type.String(), origin: Type.Optional(Type.String()) }),
  async handler({ user, origin }, { site, write }) {
    const { used } = await site.limits.add(`reset:${user.toLowerCase()}`, 1, 3600)
    if (used <= MOST_AN_HOUR) await write((ctx) => mailResetLink(ctx, user, origin))
  },
})
