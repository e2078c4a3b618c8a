import { ADMINISTRATOR, GUEST, type Context } from '@f-chat/desk'
import { presenceOf } from '../../realtime/presence.ts'
import { containing, rowsOf, type Query } from '../query.ts'

/** Someone to talk to. */
export interface FoundUser {
  name: string
  full_name: string
  first_name: string | null
  last_name: string | null
  email: string | null
  user_image: string | null
  display_text: string
  chat_status: string
}

type StoredUser = Omit<FoundUser, 'display_text' | 'full_name' | 'chat_status'> & {
  full_name: string | null
  chat_status: string | null
}

const MOST = 50

/** Enabled system users whose name or address contains the term, but for the caller and those excluded. */
export async function searchUsers(
  ctx: Context,
  term: string,
  excluded: readonly string[],
): Promise<{ users: FoundUser[]; total: number }> {
  const [counted] = await rowsOf<{ total: number }>(matching(ctx, term, excluded).count({ total: '*' }))
  const rows = await rowsOf<StoredUser>(
    matching(ctx, term, excluded)
      .leftJoin('tabChat User Activity as a', 'a.name', 'u.name')
      .select(
        'u.name',
        'u.full_name',
        'u.first_name',
        'u.last_name',
        'u.email',
        'u.user_image',
        'a.chat_status',
      )
      .orderBy([{ column: 'u.full_name' }, { column: 'u.name' }])
      .limit(MOST),
  )
  const known = await presenceOf(ctx.site).shown(rows.map(({ name }) => name))
  const users = rows.map((row) => {
    const full_name = row.full_name ?? row.name
    const email = row.email ?? row.name
    return {
      ...row,
      full_name,
      display_text: `${full_name} (${email})`,
      chat_status: known.get(row.name)?.status ?? row.chat_status ?? 'offline',
    }
  })
  return { users, total: counted?.total ?? 0 }
}

function matching(ctx: Context, term: string, excluded: readonly string[]): Query {
  const pattern = containing(term)
  return ctx
    .db('tabUser as u')
    .where({ 'u.enabled': 1, 'u.user_type': 'System User' })
    .whereNotIn('u.name', [ADMINISTRATOR, GUEST, ctx.user, ...excluded])
    .modify((select) => {
      if (term.trim() === '') return
      void select.where((any) => {
        for (const column of ['u.full_name', 'u.name', 'u.email']) {
          void any.orWhereRaw("?? like ? escape '!'", [column, pattern])
        }
      })
    })
}

/** A room's members, by id. */
export async function memberIds(ctx: Context, room: string): Promise<string[]> {
  return await ctx.db('tabChat Room Member').where({ parent: room }).orderBy('idx').pluck<string[]>('user')
}
