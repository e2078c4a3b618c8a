import { ADMINISTRATOR } from '../permissions/roles.ts'
import { setPassword } from '../site/passwords.ts'
import { endSessionsOf } from '../site/sessions.ts'
import { askSecret } from './ask.ts'
import type { Command, Input, OptionSpec } from './command.ts'
import { withSite } from './with-site.ts'

const person: readonly OptionSpec[] = [
  {
    flag: 'password',
    value: 'PASSWORD',
    help: 'Their password; asked for unless it is given',
    env: 'USER_PASSWORD',
  },
  { flag: 'first-name', value: 'NAME', help: 'First name' },
  { flag: 'last-name', value: 'NAME', help: 'Last name' },
]

export const userCommands: readonly Command[] = [
  {
    name: 'add-user',
    group: 'People',
    summary: 'Add a person who may log in',
    args: [{ name: 'EMAIL' }],
    options: [
      ...person,
      {
        flag: 'user-type',
        value: 'TYPE',
        help: 'System User or Website User',
        preset: 'System User',
        complete: ['System User', 'Website User'],
      },
      { flag: 'add-role', value: 'ROLE', help: 'A role', many: true },
    ],
    examples: ['bench add-user asha@example.com --first-name Asha --add-role "Chat User"'],
    run: (input) => addUser(input, input.text('user-type') ?? 'System User', input.list('add-role')),
  },
  {
    name: 'add-system-manager',
    group: 'People',
    summary: 'Add a person who may administer the site',
    args: [{ name: 'EMAIL' }],
    options: person,
    examples: ['bench add-system-manager boss@example.com --first-name Bo'],
    run: (input) => addUser(input, 'System User', ['System Manager']),
  },
  {
    name: 'set-admin-password',
    group: 'People',
    summary: "Set Administrator's password; asks for it unless it is given",
    args: [{ name: 'PASSWORD', optional: true }],
    options: [{ flag: 'logout-all-sessions', help: 'End every login of Administrator' }],
    examples: ['bench set-admin-password --logout-all-sessions'],
    run: setAdminPassword,
  },
]

async function addUser(input: Input, userType: string, roles: readonly string[]): Promise<void> {
  const email = input.arg()
  const password = input.text('password') ?? (await askSecret(`Password for ${email}: `, '--password'))
  await withSite(input, (site) =>
    site.asAdministrator((ctx) =>
      ctx.insert('User', {
        email,
        first_name: input.text('first-name') ?? email.split('@')[0],
        last_name: input.text('last-name') ?? null,
        user_type: userType,
        new_password: password,
        roles: roles.map((role) => ({ role })),
      }),
    ),
  )
  console.log(`${email} may log in now.`)
}

async function setAdminPassword(input: Input): Promise<void> {
  const password = input.args[0] ?? (await askSecret('New password for Administrator: ', 'it as an argument'))
  await withSite(input, (site) =>
    site.asAdministrator(async (ctx) => {
      await setPassword(ctx, ADMINISTRATOR, password)
      if (input.has('logout-all-sessions')) await endSessionsOf(ctx, ADMINISTRATOR)
    }),
  )
  console.log("Administrator's password is set.")
}
