import type { Context } from '@f-chat/desk'
import { containing, rowsOf } from '../query.ts'
import { parseState } from './room-state.ts'

/** What was noted of a user in the rooms that were brought from another system goes. */
export async function forgetInMap(ctx: Context, user: string): Promise<void> {
  const rows = await rowsOf<{ name: string; state: string }>(
    ctx
      .db('tabChat Import Map')
      .where({ source_doctype: 'Chat Room' })
      .whereRaw("state like ? escape '!'", [containing(JSON.stringify(user))])
      .select('name', 'state'),
  )
  for (const { name, state } of rows) {
    const known = parseState(state)
    const { [user]: _member, ...members } = known.members
    const { [user]: _read, ...read } = known.read
    await ctx
      .db('tabChat Import Map')
      .where({ name })
      .update({ state: JSON.stringify({ ...known, members, read }) })
  }
}
