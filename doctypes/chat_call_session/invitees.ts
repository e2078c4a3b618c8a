import { ValidationError, type Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'

interface Callable {
  user: string
  full_name: string | null
  enabled: number
}

/**
 * Whom a call rings: the room's other members who can log in, or those of them who are named.
 * @throws ValidationError that names who cannot be called, or that says that nobody is there
 */
export async function invitees(
  ctx: Context,
  room: string,
  named: readonly string[] | undefined,
): Promise<string[]> {
  const others = await rowsOf<Callable>(
    ctx
      .db('tabChat Room Member as m')
      .join('tabUser as u', 'u.name', 'm.user')
      .where('m.parent', room)
      .whereNot('m.user', ctx.user)
      .orderBy('m.idx')
      .select('m.user as user', 'u.full_name as full_name', 'u.enabled as enabled'),
  )
  const wanted = (named ?? []).filter((user) => !same(user, ctx.user))
  if (named !== undefined && named.length > 0) {
    const chosen = wanted.map((id) => {
      const member = others.find(({ user }) => same(user, id))
      if (!member) throw new ValidationError(`${id.slice(0, 140)} is not a member of this room.`)
      if (member.enabled !== 1) {
        throw new ValidationError(`${member.full_name ?? member.user} is disabled and cannot be called.`)
      }
      return member.user
    })
    if (chosen.length === 0) throw new ValidationError('Name somebody else: you cannot call yourself.')
    return [...new Set(chosen)]
  }
  const callable = others.filter(({ enabled }) => enabled === 1).map(({ user }) => user)
  if (callable.length === 0) throw new ValidationError('There is nobody else in this room to call.')
  return callable
}

const same = (one: string, other: string): boolean => one.trim().toLowerCase() === other.toLowerCase()
