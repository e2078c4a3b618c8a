import type { Context, ErasureRun, PersonToErase } from '@f-chat/desk'
import { lockRoom, type LockedRoom } from '../chat_room/change.ts'
import { rowsOf, type Query } from '../query.ts'
import { noteChanges } from './change-many.ts'
import { eraseFromHistory, eraseMentions } from './erase-names.ts'
import { removeMessages, type Removable } from './remove.ts'

/** What one transaction erases. */
const BATCH = 500

/** Something that a person leaves in the messages of rooms. */
interface Trace {
  /** A query over a column `chat_room`: where it is. */
  found: (ctx: Context, user: string) => Query
  /**
   * Erases some of it in a room.
   * @param after where the last call has stopped, 0 at first @returns where this one has; null at the end
   */
  erase: (ctx: Context, room: LockedRoom, person: PersonToErase, after: number) => Promise<number | null>
}

const TRACES: readonly Trace[] = [
  {
    found: (ctx, user) => ownMessages(ctx, user),
    erase: eraseOwn,
  },
  {
    found: (ctx, user) => reactions(ctx, user),
    erase: eraseReactions,
  },
  {
    found: (ctx, user) => ctx.db('tabChat Message Mention as m').where('m.user', user),
    erase: (ctx, room, person, after) => eraseMentions(ctx, room, person, { after, limit: BATCH }),
  },
  {
    found: (ctx, user) =>
      ctx.db('tabChat Message as m').where({ 'm.sender': user, 'm.message_type': 'System' }),
    erase: (ctx, room, person, after) => eraseFromHistory(ctx, room, person, { after, limit: BATCH }),
  },
]

/**
 * Erases what somebody has left in messages, who can leave nothing more: their own become tombstones, their reactions
 * go, and where others mention them, or the room's history names them, a word stands that says nothing.
 */
export async function eraseFromMessages(person: PersonToErase, run: ErasureRun): Promise<void> {
  for (const { found, erase } of TRACES) {
    const rooms = await run.read((ctx) =>
      found(ctx, person.user).distinct().orderBy('m.chat_room').pluck<string[]>('m.chat_room'),
    )
    for (const name of rooms) {
      const step = async (ctx: Context, after: number): Promise<number | null> =>
        erase(ctx, await lockRoom(ctx, name, { deleted: true }), person, after)
      let after: number | null = 0
      while (after !== null) {
        const from: number = after
        after = await run.write((ctx) => step(ctx, from))
      }
    }
  }
}

const ownMessages = (ctx: Context, user: string): Query =>
  ctx
    .db('tabChat Message as m')
    .where({ 'm.sender': user, 'm.is_deleted': 0 })
    .whereNot('m.message_type', 'System')

async function eraseOwn(
  ctx: Context,
  room: LockedRoom,
  { user }: PersonToErase,
  after: number,
): Promise<number | null> {
  const messages = await rowsOf<Removable>(
    ownMessages(ctx, user)
      .where('m.chat_room', room.name)
      .orderBy('m.seq')
      .limit(BATCH)
      .select('m.name', 'm.seq'),
  )
  await removeMessages(ctx, room, messages, ctx.now())
  return messages.length < BATCH ? null : after
}

const reactions = (ctx: Context, user: string): Query =>
  ctx
    .db('tabChat Message Reaction as r')
    .join('tabChat Message as m', 'm.name', 'r.parent')
    .where('r.user', user)

async function eraseReactions(
  ctx: Context,
  room: LockedRoom,
  { user }: PersonToErase,
  after: number,
): Promise<number | null> {
  const rows = await rowsOf<{ name: string; message: string }>(
    reactions(ctx, user).where('m.chat_room', room.name).limit(BATCH).select('r.name', 'm.name as message'),
  )
  await ctx
    .db('tabChat Message Reaction')
    .whereIn(
      'name',
      rows.map(({ name }) => name),
    )
    .delete()
  await noteChanges(ctx, room, [...new Set(rows.map(({ message }) => message))])
  return rows.length < BATCH ? null : after
}
