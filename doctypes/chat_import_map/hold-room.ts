import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'

/** A room that this transaction holds, a deleted one too; with what an import moves. */
export interface HeldRoom {
  name: string
  room_status: string
  last_seq: number
  change_seq: number
  members_change_seq: number
  settings_change_seq: number
  deleted_count: number
  last_message_at: string | null
}

const MOVED = [
  ...['last_seq', 'change_seq', 'members_change_seq', 'settings_change_seq', 'deleted_count'],
  'last_message_at',
] as const

/** Holds a room's row until the commit, before anything is decided (docs/adr/0003). */
export async function holdRoom(ctx: Context, name: string): Promise<HeldRoom> {
  const [row] = await rowsOf<HeldRoom>(
    ctx
      .db('tabChat Room')
      .where({ name })
      .forUpdate()
      .select('name', 'room_status', ...MOVED),
  )
  if (row?.name !== name)
    throw new Error(
      `The room ${name} was brought before and is no longer here. Delete its rows of Chat Import Map to bring it again.`,
    )
  return row
}

/** Stores where the room stands now. */
export async function storeRoom(ctx: Context, room: HeldRoom): Promise<void> {
  const { name, room_status: _status, ...moved } = room
  await ctx
    .db('tabChat Room')
    .where({ name })
    .update({ ...moved, last_change: ctx.now() })
}
