import { ADMINISTRATOR, ValidationError, type Context } from '@f-chat/desk'

/** A user who can be a member. */
export interface Person {
  name: string
  full_name: string
}

/** Users are named by their address in lower case, Administrator and Guest aside; MariaDB alone would find any case. */
const spellings = (id: string): string[] => [
  id.trim(),
  id.trim().toLowerCase(),
  ...(ADMIN.test(id) ? [ADMINISTRATOR] : []),
]
const ADMIN = new RegExp(`^\\s*${ADMINISTRATOR}\\s*$`, 'i')

/**
 * The users of these ids, as the site spells them, in the order asked for.
 * @throws ValidationError that names who is unknown, disabled or named twice
 */
export async function findPeople(ctx: Context, ids: readonly string[]): Promise<Person[]> {
  const rows = await ctx
    .db('tabUser')
    .whereIn('name', [...new Set(ids.flatMap(spellings))])
    .select<{ name: string; full_name: string | null; enabled: number }[]>('name', 'full_name', 'enabled')
  const byId = new Map(rows.map((row) => [row.name.toLowerCase(), row]))
  const people: Person[] = []
  const seen = new Set<string>()
  for (const id of ids) {
    const user = byId.get(id.trim().toLowerCase())
    if (!user || user.name === 'Guest')
      throw new ValidationError(`There is no user ${id.slice(0, 140)}. Check the address.`)
    if (user.enabled !== 1)
      throw new ValidationError(`${user.full_name ?? user.name} is disabled and cannot be a member.`)
    if (seen.has(user.name)) throw new ValidationError(`${user.full_name ?? user.name} is named twice.`)
    seen.add(user.name)
    people.push({ name: user.name, full_name: user.full_name ?? user.name })
  }
  return people
}
