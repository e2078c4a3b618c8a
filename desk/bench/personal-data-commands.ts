import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ADMINISTRATOR } from '../permissions/roles.ts'
import { erasePerson } from '../personal-data/erase.ts'
import { exportPersonalData } from '../personal-data/export.ts'
import type { Command, Input } from './command.ts'
import { withSite } from './with-site.ts'

export const personalDataCommands: readonly Command[] = [
  {
    name: 'export-user-data',
    group: 'People',
    summary: 'Write everything that a site keeps about a person to a JSON file',
    details: 'What that is, each app says by its hooks user_data_fields and export_user.',
    args: [{ name: 'USER' }],
    options: [{ flag: 'output', value: 'FILE', help: 'The file (default USER.json)', complete: 'file' }],
    examples: ['bench export-user-data ann@example.com --output ann.json'],
    run: exportUserData,
  },
  {
    name: 'erase-user-data',
    group: 'People',
    summary: 'Erase a person: what the apps keep about them, their login and their name',
    details:
      'Documents that belong to the business stay, with a name that says nothing in place of the person’s. It cannot be undone; if it breaks off, the person is locked out already: run it again. Backups that were made before still hold the data.',
    args: [{ name: 'USER' }],
    options: [{ flag: 'yes', short: 'y', help: 'Really do it' }],
    examples: ['bench erase-user-data ann@example.com --yes'],
    run: eraseUserData,
  },
]

async function exportUserData(input: Input): Promise<void> {
  const user = input.arg()
  const file = path.resolve(input.text('output') ?? `${user.replaceAll(/[^\w.@-]/g, '_')}.json`)
  await withSite(input, (site) =>
    site.read({ user: ADMINISTRATOR }, async (ctx) => {
      // Asked before the file is made: for a user that does not exist none is left behind.
      const lines = exportPersonalData(ctx, user)
      const first = await lines.next()
      const all = async function* (): AsyncGenerator<string> {
        if (!first.done) yield first.value
        yield* lines
      }
      await pipeline(all(), createWriteStream(file, { mode: 0o600, flags: 'wx' }))
    }),
  )
  console.log(`What the site keeps about ${user} is in ${file}.`)
}

async function eraseUserData(input: Input): Promise<void> {
  const user = input.arg()
  if (!input.has('yes')) throw new Error(`Erasing ${user} cannot be undone. If you mean it, add --yes.`)
  const name = await withSite(input, (site) => erasePerson(site, { user: ADMINISTRATOR }, user))
  console.log(`${user} is erased; what had to stay says ${name}.`)
}
