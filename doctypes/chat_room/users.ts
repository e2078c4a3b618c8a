import { ADMINISTRATOR, GUEST, ValidationError, type Context } from '@f-chat/desk'

/** A user who can be a member. */
export interface Person {
  name: string
  full_name: string
}

/** Somebody who cannot, and why. */
export interface NoPerson {
  problem: string
}

interface StoredUser {
  name: string
  full_name: string | null
  enabled: number
}

const ADMIN = new RegExp(`^\\s*${ADMINISTRATOR}\\s*$`, 'i')

/** Users are named by their address in lower case, Administrator and Guest aside; MariaDB alone would find any case. */
export const spellings = (id: string): string[] => [
  id.trim(),
  id.trim().toLowerCase(),
  ...(ADMIN.test(id) ? [ADMINISTRATOR] : []),
]

/** The users of these ids by their id in lower case, whoever they are; one statement. */
export async function usersById(
  ctx: Context,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredUser>> {
  const rows = await ctx
    .db('tabUser')
    .whereIn('name', [...new Set(ids.flatMap(spellings))])
    .select<StoredUser[]>('name', 'full_name', 'enabled')
  return new Map(rows.map((row) => [row.name.toLowerCase(), row]))
}

/** For each of these ids the user, as the site spells them, or why there is none to be a member; in the same order. */
export async function whoAre(ctx: Context, ids: readonly string[]): Promise<(Person | NoPerson)[]> {
  const users = await usersById(ctx, ids)
  const seen = new Set<string>()
  return ids.map((id) => {
    const user = users.get(id.trim().toLowerCase())
    if (!user || user.name === GUEST)
      return { problem: `There is no user ${id.slice(0, 140)}. Check the address.` }
    const full_name = user.full_name ?? user.name
    if (user.enabled !== 1) return { problem: `${full_name} is disabled and cannot be a member.` }
    if (seen.has(user.name)) return { problem: `${full_name} is named twice.` }
    seen.add(user.name)
    return { name: user.name, full_name }
  })
}

/**
 * The users of these ids, as the site spells them, in the order asked for.
 * @throws ValidationError that names who is unknown, disabled or named twice
 */
export async function findPeople(ctx: Context, ids: readonly string[]): Promise<Person[]> {
  return (await whoAre(ctx, ids)).map((found) => {
    if ('problem' in found) throw new ValidationError(found.problem)
    return found
  })
}
