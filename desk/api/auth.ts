import { Type } from 'typebox'
import { passwordResetMail } from '../jobs/password-reset-mail.ts'
import { AuthenticationError, DoesNotExistError, PermissionError } from '../errors.ts'
import { defineMethod } from '../method.ts'
import { ADMINISTRATOR, GUEST } from '../permissions/roles.ts'
import { generateApiKeys } from '../site/api-keys.ts'
import { authenticate } from '../site/authenticate.ts'
import { checkChosenPassword } from '../site/password-rules.ts'
import { userOfResetKey } from '../site/password-reset.ts'
import { setPassword } from '../site/passwords.ts'
import { endOtherSessions, endSession } from '../site/sessions.ts'

const USER = 'frappe.core.doctype.user.user'

export const generateKeys = defineMethod({
  name: `${USER}.generate_keys`,
  summary:
    'A new API secret for oneself, or for others by a System Manager; it is told this once. Emptying the field `api_key` of the user revokes it.',
  writes: true,
  input: Type.Object({ user: Type.String({ minLength: 1, maxLength: 140 }) }),
  async handler({ user }, ctx) {
    if (user === ctx.user) return await generateApiKeys(ctx, user)
    const isManager = (await ctx.roles()).has('System Manager')
    // Who may not see Administrator's doings must not become Administrator either.
    if (!isManager || (user === ADMINISTRATOR && ctx.user !== ADMINISTRATOR))
      throw new PermissionError('You can generate API keys for yourself only.')
    if (user === GUEST) throw new DoesNotExistError(`User ${user} not found.`)
    // By the name that is stored: a SELECT finds `administrator`, too.
    const { name } = await ctx.getDoc('User', user)
    return await generateApiKeys(ctx, name)
  },
})

export const resetPassword = defineMethod({
  name: `${USER}.reset_password`,
  summary:
    'Mails a link to choose a new password. Answers the same, and as fast, whether or not there is such a user.',
  writes: true,
  allowGuest: true,
  rateLimit: { limit: 10, seconds: 3600, per: 'ip' },
  input: Type.Object({ user: Type.String({ minLength: 1, maxLength: 140 }) }),
  async handler({ user }, ctx) {
    await ctx.enqueue(passwordResetMail, {
      user: user.trim(),
      ...(ctx.identity.origin ? { origin: ctx.identity.origin } : {}),
    })
    ctx.msgprint('If there is an account with this address, a link to choose a new password is on its way.', {
      title: 'Password Email Sent',
      indicator: 'green',
    })
  },
})

export const updatePassword = defineMethod({
  name: `${USER}.update_password`,
  summary:
    'Sets a new password, by the key of a mailed link or by the present password, and ends the user’s other sessions; answers where to go on.',
  writes: true,
  allowGuest: true,
  xssSafe: true,
  rateLimit: { limit: 30, seconds: 600, per: 'ip' },
  input: Type.Object({
    new_password: Type.String(),
    key: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    old_password: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
  }),
  async handler({ new_password, key, old_password }, ctx) {
    const { ip } = ctx.identity
    let user = ctx.user
    if (key !== undefined) user = await userOfResetKey(ctx, key)
    else if (user === GUEST) throw new PermissionError('Log in first, or use the link of a mail.')
    else if (!(await authenticate(ctx.site, { usr: user, pwd: old_password ?? '', ip })))
      throw new AuthenticationError('The present password is wrong.')
    const person = await ctx
      .db('tabUser')
      .where({ name: user })
      .first<Record<'email' | 'first_name' | 'last_name' | 'username', string | null>>(
        'email',
        'first_name',
        'last_name',
        'username',
      )
    checkChosenPassword(new_password, Object.values(person))
    await setPassword(ctx, user, new_password)
    await endOtherSessions(ctx, user, user === ctx.user ? ctx.identity.session : undefined)
    return user === ctx.user ? '/desk' : '/login'
  },
})

export const sessions = defineMethod({
  name: 'desk.sessions',
  summary: 'Where the caller is logged in, the newest first.',
  input: Type.Object({}),
  async handler(_args, ctx) {
    const rows = await ctx
      .db('tabSessions')
      .where({ user: ctx.user })
      .orderBy('lastupdate', 'desc')
      .select<{ sid: string; ipaddress: string | null; creation: string; lastupdate: string }[]>(
        'sid',
        'ipaddress',
        'creation',
        'lastupdate',
      )
    return rows.map(({ sid, ipaddress, creation, lastupdate }) => ({
      id: sid,
      ip: ipaddress,
      creation,
      last_used: lastupdate,
      current: sid === ctx.identity.session,
    }))
  },
})

export const endSessions = defineMethod({
  name: 'desk.end_sessions',
  summary: 'Ends one of the caller’s sessions, or all but the present one; answers how many ended.',
  writes: true,
  input: Type.Object({ id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) }),
  async handler({ id }, ctx) {
    if (id === undefined) return await endOtherSessions(ctx, ctx.user, ctx.identity.session)
    const own = await ctx
      .db('tabSessions')
      .where({ sid: id, user: ctx.user })
      .first<{ sid: string } | undefined>('sid')
    // The column finds other cases of its letters, too; sockets are found by the id itself.
    if (own?.sid !== id) throw new DoesNotExistError('You have no such session.')
    await endSession(ctx, id)
    return 1
  },
})
