import { ADMINISTRATOR, GUEST, type Context } from '@f-chat/desk'
import { parts, writeBatch, type ImportRun } from './run.ts'
import type { Tally } from './tally.ts'
import { cutTo, flagOf, textOf, wordOf, type SourceRow } from './values.ts'

/** Where the chat's tables name users. */
const NAMED_IN = [
  ['Chat Room', 'created_by'],
  ['Chat Room Member', 'user'],
  ['Chat Message', 'sender'],
  ['Chat Message Reaction', 'user'],
  ['Chat Call Session', 'initiated_by'],
  ['Chat Call Participant', 'user'],
  ['Chat User Activity', 'user'],
] as const

/** With one of these somebody reaches the chat's documents. */
const CHAT_ROLES = ['Chat User', 'Employee', 'System Manager']
const USERS_PER_TRANSACTION = 25
const DATA_LENGTH = 140

/** A user of the source as they will be here. */
interface Person {
  source: SourceRow
  email: string
  roles: string[]
}

/**
 * Brings the users that the chat names, with their roles as far as this site has them, and without passwords. Those
 * who are here already stay as they are.
 */
export async function importUsers(run: ImportRun): Promise<void> {
  const { source, users, tally } = run
  users.set(ADMINISTRATOR, ADMINISTRATOR)
  users.set(GUEST, GUEST)
  const named = new Map<string, string>()
  for (const [doctype, column] of NAMED_IN)
    for (const name of await source.distinct(doctype, column)) named.set(name.trim().toLowerCase(), name)
  const wanted = [...named.values()].filter((name) => users.find(name) === undefined)
  const rows = await source.rowsBy('User', 'name', wanted, [
    ...['email', 'first_name', 'last_name', 'full_name', 'enabled', 'user_image', 'user_type'],
  ])
  const roles = await readRoles(run, rows)
  const people = rows.flatMap((row) => {
    const person = { source: row, email: addressOf(row), roles: roles.get(textOf(row.name)) ?? [] }
    if (isAddress(person.email)) return [person]
    tally.list('User', textOf(row.name), 'has no e-mail address, which is what users are named by')
    return []
  })
  let done = 0
  for (const part of parts(people, USERS_PER_TRANSACTION)) {
    const here = await writeBatch(run, (ctx, told) => bring(ctx, part, told))
    for (const [name, email] of here) users.set(name, email)
    done += part.length
    run.progress('Users', done, people.length)
  }
  const found = new Set(rows.map(({ name }) => textOf(name).trim().toLowerCase()))
  for (const name of wanted)
    if (!found.has(name.trim().toLowerCase()))
      tally.list('User', name, 'is named by the chat and does not exist')
}

/** A user is named by their address; that of an old site may stand in the name alone. */
function addressOf(row: SourceRow): string {
  const email = textOf(row.email).trim().toLowerCase()
  return isAddress(email) ? email : textOf(row.name).trim().toLowerCase()
}

const isAddress = (text: string): boolean =>
  text.length <= DATA_LENGTH && /^[^\s@<>"']+@[^\s@<>"']+$/.test(text)

async function readRoles(run: ImportRun, rows: readonly SourceRow[]): Promise<Map<string, string[]>> {
  const names = rows.map(({ name }) => textOf(name))
  const roles = new Map<string, string[]>()
  for (const row of await run.source.rowsBy('Has Role', 'parent', names, ['role', 'parenttype'])) {
    if (textOf(row.parenttype) !== 'User') continue
    const parent = textOf(row.parent)
    roles.set(parent, [...(roles.get(parent) ?? []), textOf(row.role)])
  }
  return roles
}

/** @returns the users' names in the source, and here */
async function bring(ctx: Context, people: readonly Person[], tally: Tally): Promise<[string, string][]> {
  const emails = people.map(({ email }) => email)
  const existing = new Set(
    (await ctx.db('tabUser').whereIn('name', emails).pluck<string[]>('name')).map((name) =>
      name.toLowerCase(),
    ),
  )
  const roles = await ctx.db('tabRole').pluck<string[]>('name')
  const here: [string, string][] = []
  for (const person of people) {
    const name = textOf(person.source.name)
    if (existing.has(person.email)) tally.add('User', 'present')
    else {
      try {
        await ctx.attempt(() => ctx.insert('User', valuesOf(person, roles)))
      } catch (error) {
        if (!isRefusal(error)) throw error
        tally.list('User', name, `cannot be a user here: ${error.message}`)
        continue
      }
      existing.add(person.email)
      tally.add('User', 'brought')
    }
    here.push([name, person.email])
  }
  return here
}

/** What this site's rules say of a document, and not the database of itself. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500
}

function valuesOf({ source, email, roles }: Person, known: readonly string[]): Record<string, unknown> {
  const full = textOf(source.full_name).trim()
  const first = textOf(source.first_name).trim() || full || email.slice(0, email.indexOf('@'))
  const last = textOf(source.first_name).trim() === '' ? '' : textOf(source.last_name).trim()
  const user_type = wordOf(source.user_type, ['System User', 'Website User']) ?? 'System User'
  const image = textOf(source.user_image)
  const own = known.filter((role) => roles.includes(role))
  if (user_type === 'System User' && !own.some((role) => CHAT_ROLES.includes(role))) own.push('Chat User')
  return {
    email,
    first_name: cutTo(first, DATA_LENGTH),
    last_name: cutTo(last, DATA_LENGTH) || null,
    enabled: flagOf(source.enabled, 1),
    user_type,
    // A picture of the source's own comes with its files.
    user_image: /^https?:\/\//i.test(image) ? image : null,
    roles: own.map((role) => ({ role })),
  }
}
