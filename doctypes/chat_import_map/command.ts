import type { AppCommand, ForeignLogin, Input } from '@f-chat/desk'
import { importFromFrappe } from './import.ts'

/** `bench import-from-frappe` */
export const importCommand: AppCommand = {
  name: 'import-from-frappe',
  summary: 'Copy the chat of a Frappe site that ran the Python app F Chat',
  details:
    'Reads the database of the Frappe site and changes nothing there. A run that was stopped goes on when it is started again, and a later run brings what is new since. Users come without passwords. What is broken is listed in the logs of the site.',
  options: [
    { flag: 'db-host', value: 'HOST', help: "The source's MariaDB server (else 127.0.0.1)" },
    { flag: 'db-port', value: 'PORT', help: 'Its port (else 3306)' },
    { flag: 'db-socket', value: 'PATH', help: 'The server by its Unix socket', complete: 'file' },
    { flag: 'db-name', value: 'NAME', help: 'The database of the Frappe site' },
    { flag: 'db-username', value: 'USER', help: 'Who may read it (else called like the database)' },
    {
      flag: 'db-password',
      value: 'PASSWORD',
      help: 'Their password; asked for unless it is given',
      env: 'DB_PASSWORD',
    },
    {
      flag: 'files',
      value: 'FOLDER',
      help: "The source's files: its site folder, or a copy of private/files and public/files",
      complete: 'folder',
    },
  ],
  examples: [
    'bench import-from-frappe --db-host db.internal --db-name _1bd3e0294da19198 \\',
    '    --db-username reader --files /mnt/old-site',
  ],
  exclusive: true,
  async run(site, input, io) {
    const login = loginOf(input)
    const password =
      input.text('db-password') ??
      (await io.askSecret(`Password of ${login.user} for ${login.database}: `, '--db-password'))
    await importFromFrappe(site, { ...login, password }, input.text('files') ?? null, io)
  },
}

function loginOf(input: Input): Omit<ForeignLogin, 'password'> {
  const database = input.text('db-name')
  if (!database)
    throw new Error("Say which database to read: --db-name NAME. It stands in the source's site_config.json.")
  const host = input.text('db-host')
  const socket = input.text('db-socket')
  if (host === undefined && socket === undefined)
    throw new Error('Say where the database is: --db-host HOST, or --db-socket PATH.')
  const port = input.wholeNumber('db-port')
  return {
    database,
    user: input.text('db-username') ?? database,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(socket === undefined ? {} : { socket }),
  }
}
