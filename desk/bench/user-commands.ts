import type { CAC } from 'cac'
import { ADMINISTRATOR } from '../permissions/roles.ts'
import { setPassword } from '../site/passwords.ts'
import { endSessionsOf } from '../site/sessions.ts'
import { textOption } from './text-option.ts'
import { withSite, type SiteOption } from './with-site.ts'

interface AddUserFlags extends SiteOption {
  userType?: string
  addRole?: string | string[]
}

export function userCommands(cli: CAC): void {
  cli
    .command('add-user <email>', 'Add a person who may log in')
    .option('--password <password>', 'Their password')
    .option('--first-name <name>', 'First name')
    .option('--last-name <name>', 'Last name')
    .option('--user-type <type>', 'System User or Website User', { default: 'System User' })
    .option('--add-role <role>', 'A role; may be given several times')
    .action(addUser)

  cli
    .command('set-admin-password <password>', "Set Administrator's password")
    .option('--logout-all-sessions', 'End every login of Administrator')
    .action(async (password: unknown, flags: SiteOption & { logoutAllSessions?: boolean }) => {
      await withSite(flags, (site) =>
        site.asAdministrator(async (ctx) => {
          await setPassword(ctx, ADMINISTRATOR, String(password))
          if (flags.logoutAllSessions) await endSessionsOf(ctx, ADMINISTRATOR)
        }),
      )
      console.log("Administrator's password is set.")
    })

  cli
    .command('execute <method>', 'Call a whitelisted method and print its result as JSON')
    .option('--kwargs <json>', 'Its arguments, a JSON object')
    .option('--user <user>', 'As whom', { default: ADMINISTRATOR })
    .action(async (method: string, flags: SiteOption & { kwargs?: string; user: string }) => {
      const args = parseKwargs(flags.kwargs)
      const result = await withSite(flags, async (site) => {
        const identity = { user: flags.user }
        if (!(await site.read(identity, (ctx) => ctx.exists('User', flags.user)))) {
          throw new Error(`There is no user ${flags.user}.`)
        }
        return await site.call(method, args, identity)
      })
      if (result !== undefined && result !== null) console.log(JSON.stringify(result, null, 2))
    })
}

async function addUser(email: string, flags: AddUserFlags): Promise<void> {
  const password = textOption('--password')
  if (password === undefined) throw new Error('Give the new user a password: --password P.')
  const roles = [flags.addRole ?? []].flat().map((role) => ({ role }))
  await withSite(flags, (site) =>
    site.asAdministrator((ctx) =>
      ctx.insert('User', {
        email,
        first_name: textOption('--first-name') ?? email.split('@')[0],
        last_name: textOption('--last-name') ?? null,
        user_type: flags.userType,
        new_password: password,
        roles,
      }),
    ),
  )
  console.log(`${email} may log in now.`)
}

function parseKwargs(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Falls through to the same message.
  }
  throw new Error(`--kwargs takes a JSON object, like '{"room_id": "CR-0001"}'.`)
}
