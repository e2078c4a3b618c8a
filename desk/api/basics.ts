import { Type } from 'typebox'
import { defineMethod } from '../method.ts'
import { PermissionError } from '../errors.ts'
import { GUEST } from '../permissions/roles.ts'

const nothing = Type.Object({})

export const ping = defineMethod({
  name: 'ping',
  summary: 'Answers “pong”, to whoever asks.',
  aliases: ['frappe.ping'],
  allowGuest: true,
  input: nothing,
  handler: () => 'pong',
})

export const getLoggedUser = defineMethod({
  name: 'frappe.auth.get_logged_user',
  summary: 'Who is logged in.',
  allowGuest: true,
  input: nothing,
  handler: (_args, ctx) => {
    if (ctx.user === GUEST) throw new PermissionError('Log in first.')
    return ctx.user
  },
})

export const version = defineMethod({
  name: 'version',
  summary: 'Versions of the site’s apps.',
  aliases: ['frappe.utils.change_log.get_versions'],
  input: nothing,
  handler: (_args, ctx) =>
    Object.fromEntries(
      ctx.site.registry.apps.map(({ definition, version: number }) => [
        definition.name,
        { title: definition.title, version: number },
      ]),
    ),
})
