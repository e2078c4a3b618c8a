import { TooManyRequestsError } from '../errors.ts'
import { ADMINISTRATOR, GUEST } from '../permissions/roles.ts'
import { checkPassword } from './passwords.ts'
import type { PersonRow } from './sessions.ts'
import type { Site } from './site.ts'

export interface UserRow extends PersonRow {
  name: string
}

interface Found extends UserRow {
  username: string | null
  mobile_no: string | null
}

/** Failed logins within the window, by whom they count: someone from one address, someone, and one address. */
const DEFAULT_TRIES = 10
const DEFAULT_SECONDS = 60
const TIMES_FOR_USER = 5
const TIMES_FOR_ADDRESS = 10

/**
 * The enabled user whose name and password these are; null for any reason. Takes as long, and counts as much, for
 * names that nobody has. A try is counted before it is made, so that many at once are not let through, and given
 * back when it was right. One address may not lock somebody out for all others soon.
 * @throws TooManyRequestsError without looking at the password
 */
export async function authenticate(
  site: Site,
  { usr, pwd, ip = '' }: { usr: string; pwd: string; ip?: string | undefined },
): Promise<UserRow | null> {
  const id = usr.trim().toLowerCase().slice(0, 200)
  const { limits, config } = site
  const tries = config.allow_consecutive_login_attempts ?? DEFAULT_TRIES
  const seconds = config.allow_login_after_fail ?? DEFAULT_SECONDS
  const own = `login:${id}:${ip}`
  // In this order: a try that is refused for its address does not count against the person whom it names.
  const counters: [string, number][] = [
    [own, tries],
    [`login-from:${ip}`, tries * TIMES_FOR_ADDRESS],
    [`login:${id}`, tries * TIMES_FOR_USER],
  ]
  for (const [key, most] of counters) {
    const { used, resetSeconds } = await limits.add(key, 1, seconds)
    if (used <= most) continue
    const error = new TooManyRequestsError('Too many tries. Wait a minute, then try again.')
    error.retryAfter = resetSeconds
    throw error
  }
  const giveBack = (): Promise<unknown> => Promise.all(counters.map(([key]) => limits.add(key, -1, seconds)))
  try {
    const user = await findUser(site, id)
    const matches = await checkPassword(site.database.reader, user?.name ?? id, pwd)
    if (!matches || !user) return null
    await giveBack()
    await limits.clear(own)
    return user
  } catch (error) {
    // The database's failure is not the caller's.
    await giveBack()
    throw error
  }
}

/** By e-mail address in any case, or as Administrator; by username or mobile number where the site allows it. */
async function findUser(site: Site, id: string): Promise<UserRow | null> {
  if (id === '') return null
  const { allow_login_using_user_name: byName, allow_login_using_mobile_number: byMobile } = site.config
  const name = id === ADMINISTRATOR.toLowerCase() ? ADMINISTRATOR : id
  const found = await site.database
    .reader('tabUser')
    .where({ enabled: 1 })
    .whereNot({ name: GUEST })
    .where((query) => {
      void query.where({ name })
      if (byName) void query.orWhere({ username: id })
      if (byMobile) void query.orWhere({ mobile_no: id })
    })
    .select<Found[]>('name', 'username', 'mobile_no', 'full_name', 'user_image', 'user_type', 'language')
  // MariaDB takes é for e; the tries are counted by what was typed.
  const rows = found.filter((row) => [row.name.toLowerCase(), row.username, row.mobile_no].includes(id))
  return rows.find((row) => row.name === name) ?? (rows.length === 1 ? (rows[0] ?? null) : null)
}
