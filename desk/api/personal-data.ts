import { Type } from 'typebox'
import { PermissionError, ValidationError } from '../errors.ts'
import { personalDataExport } from '../jobs/personal-data.ts'
import { defineMethod } from '../method.ts'
import { erasePerson } from '../personal-data/erase.ts'

const UserId = Type.String({ minLength: 1, maxLength: 140 })

export const requestPersonalData = defineMethod({
  name: 'desk.personal_data.request_export',
  summary:
    'Has everything that the site keeps about the caller written to a file of theirs; a mail says when it is there.',
  writes: true,
  input: Type.Object({}),
  async handler(_args, ctx) {
    await ctx.enqueue(personalDataExport, { user: ctx.user }, { key: `personal-data:${ctx.user}` })
  },
})

/** It writes in several transactions: a person may have written more than one should hold others up for. */
export const eraseUser = defineMethod({
  name: 'desk.personal_data.erase',
  summary: 'Erases a person for good. `confirm` repeats the user’s id. For System Managers.',
  verbs: ['POST', 'PUT'],
  input: Type.Object({ user: UserId, confirm: UserId }),
  async handler({ user, confirm }, ctx) {
    if (!(await ctx.roles()).has('System Manager'))
      throw new PermissionError('People are erased by System Managers.')
    if (user !== confirm)
      throw new ValidationError(`To erase ${user} for good, give the same id as "confirm".`)
    return { erased: user, now_called: await erasePerson(ctx.site, ctx.identity, user) }
  },
})
