import { hashName, PermissionError, ValidationError, type Context } from '@f-chat/desk'
import { publishToRoom, type ReactionsShown } from '../../realtime/events.ts'
import { nextChange } from '../chat_room/change.ts'
import { requirePower } from '../chat_room/require.ts'
import ChatSettings from '../chat_settings/chat_settings.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { rowsOf } from '../query.ts'
import { asEmoji } from './emoji.ts'
import { groupReactions } from './history.ts'
import { lockMessage } from './locked.ts'

/** Different emoji that one user can leave at one message. */
const MOST_OF_ONE = 20

interface StoredReaction {
  name: string
  user: string
  reaction_emoji: string
  timestamp: string
}

export interface Reacted {
  message_id: string
  room_id: string
  action: 'added' | 'removed'
  emoji: string
  reactions: ReactionsShown
  change_seq: number
}

/**
 * Adds the caller's reaction to a message, or takes it back.
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError
 */
export async function toggleReaction(ctx: Context, name: string, given: string): Promise<Reacted> {
  await requireChat(ctx)
  const { room, member, message } = await lockMessage(ctx, name)
  requirePower(room, member, 'can_react', 'You cannot react in this room.')
  if (!(await ChatSettings.read(ctx)).enable_message_reactions)
    throw new PermissionError('Reactions are switched off on this site.')
  const emoji = asEmoji(given)
  if (emoji === undefined) throw new ValidationError('emoji: react with one emoji, such as 👍.')
  if (message.is_deleted) throw new ValidationError('This message was deleted; nobody can react to it.')
  const stored = await readReactions(ctx, name)
  // Compared here: MariaDB's collation takes every emoji for every other.
  const before = stored.find((row) => row.user === ctx.user && row.reaction_emoji === emoji)
  const at = ctx.now()
  if (before) await ctx.db('tabChat Message Reaction').where({ name: before.name }).delete()
  else await insertReaction(ctx, name, emoji, at, stored)
  const change_seq = await nextChange(ctx, room, 'message', { at })
  await ctx.db('tabChat Message').where({ name }).update({ change_seq })
  const now = before
    ? stored.filter((row) => row !== before)
    : [...stored, { name: '', user: ctx.user, reaction_emoji: emoji, timestamp: at }]
  const reactions = groupReactions(now)
  publishToRoom(ctx, room.name, 'message_reaction_update', {
    message_id: name,
    room_id: room.name,
    reactions,
    change_seq,
  })
  const action = before ? 'removed' : 'added'
  return { message_id: name, room_id: room.name, action, emoji, reactions, change_seq }
}

async function readReactions(ctx: Context, message: string): Promise<StoredReaction[]> {
  return await rowsOf<StoredReaction>(
    ctx
      .db('tabChat Message Reaction')
      .where({ parent: message })
      .orderBy('idx')
      .forUpdate()
      .select('name', 'user', 'reaction_emoji', 'timestamp', 'idx'),
  )
}

async function insertReaction(
  ctx: Context,
  message: string,
  emoji: string,
  at: string,
  stored: readonly StoredReaction[],
): Promise<void> {
  if (stored.filter(({ user }) => user === ctx.user).length >= MOST_OF_ONE) {
    throw new ValidationError(`You left ${String(MOST_OF_ONE)} reactions here already. Take one back first.`)
  }
  const [last] = await rowsOf<{ idx: number | null }>(
    ctx.db('tabChat Message Reaction').where({ parent: message }).max({ idx: 'idx' }),
  )
  await ctx.db('tabChat Message Reaction').insert({
    name: hashName(),
    owner: ctx.user,
    modified_by: ctx.user,
    creation: at,
    modified: at,
    parent: message,
    parenttype: 'Chat Message',
    parentfield: 'reactions',
    idx: (last?.idx ?? 0) + 1,
    user: ctx.user,
    reaction_emoji: emoji,
    timestamp: at,
  })
}
