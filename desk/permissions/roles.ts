import type { Knex } from 'knex'

export const GUEST = 'Guest'
export const ADMINISTRATOR = 'Administrator'

/** A user's roles: those given, and the automatic ones (Guest, All, Desk User for system users). */
export async function rolesOf(db: Knex, user: string): Promise<ReadonlySet<string>> {
  if (user === GUEST) return new Set([GUEST])
  const rows = await db('tabUser')
    .leftJoin('tabHas Role', (join) => {
      join.on('tabHas Role.parent', 'tabUser.name').andOnVal('tabHas Role.parenttype', 'User')
    })
    .where('tabUser.name', user)
    .select<{ role: string | null; user_type: string | null }[]>('tabHas Role.role', 'tabUser.user_type')
  const roles = new Set(['All', GUEST])
  for (const { role, user_type } of rows) {
    if (role) roles.add(role)
    if (user_type === 'System User') roles.add('Desk User')
  }
  if (user === ADMINISTRATOR) roles.add('System Manager').add('Desk User')
  return roles
}
