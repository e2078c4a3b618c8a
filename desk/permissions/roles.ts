import type { Knex } from 'knex'

export const GUEST = 'Guest'
export const ADMINISTRATOR = 'Administrator'

/** Roles that nobody is given by hand: everyone's, everyone's who has logged in, and those of system users. */
export const AUTOMATIC_ROLES: ReadonlySet<string> = new Set([GUEST, 'All', 'Desk User', ADMINISTRATOR])

/** Topic of the cache: who has which role. */
export const ROLES = 'roles'

/** A user's roles: those given that are not disabled, and the automatic ones; Administrator has every role there is. */
export async function rolesOf(db: Knex, user: string): Promise<ReadonlySet<string>> {
  if (user === GUEST) return new Set([GUEST])
  if (user === ADMINISTRATOR) {
    const all = await db('tabRole').pluck<string[]>('name')
    return new Set(['All', GUEST, 'Desk User', 'System Manager', ...all])
  }
  const rows = await db('tabUser')
    .leftJoin('tabHas Role', (join) => {
      join.on('tabHas Role.parent', 'tabUser.name').andOnVal('tabHas Role.parenttype', 'User')
    })
    .leftJoin('tabRole', 'tabRole.name', 'tabHas Role.role')
    .where('tabUser.name', user)
    .select<{ role: string | null; disabled: number | null; user_type: string | null }[]>(
      'tabHas Role.role',
      'tabRole.disabled',
      'tabUser.user_type',
    )
  const roles = new Set(['All', GUEST])
  for (const { role, disabled, user_type } of rows) {
    if (role && disabled !== 1) roles.add(role)
    if (user_type === 'System User') roles.add('Desk User')
  }
  return roles
}
