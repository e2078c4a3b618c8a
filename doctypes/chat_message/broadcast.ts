import { DeskError, type Context } from '@f-chat/desk'
import { memberRooms } from '../chat_room/membership.ts'
import { nameFor, peersOf } from '../chat_room/peers.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { rowsOf } from '../query.ts'
import { checkContent } from './content.ts'
import { findSent, postMessage, type SentMessage } from './post.ts'

/** One text for many rooms. */
export interface BroadcastDraft {
  rooms: readonly string[]
  content: string
  attachments: readonly object[]
  /** Idempotency key of the whole: each room's message gets one made from it. */
  clientId: string | undefined
}

export interface SuccessfulBroadcast {
  room_id: string
  room_name: string
  message_id: string
  timestamp: string
}

export interface FailedBroadcast {
  room_id: string
  error: string
}

export interface BroadcastResult {
  successful_broadcasts: SuccessfulBroadcast[]
  failed_broadcasts: FailedBroadcast[]
  total_rooms: number
  success_count: number
  failure_count: number
}

/**
 * Sends the same message to each room where the caller may send; the others are told one by one, with the reason.
 * Rooms are locked in the order of their names, so that two broadcasts do not wait for each other.
 * @throws ValidationError, CharacterLengthExceededError for a text that no room would take
 */
export async function broadcast(ctx: Context, draft: BroadcastDraft): Promise<BroadcastResult> {
  await requireChat(ctx)
  checkContent(draft.content)
  const rooms = [...new Set(draft.rooms)]
  const outcomes = new Map<string, SentMessage | string>()
  for (const room of rooms.toSorted()) outcomes.set(room, await sendTo(ctx, room, draft))
  const names = await roomNamesFor(ctx, rooms)
  const successful_broadcasts: SuccessfulBroadcast[] = []
  const failed_broadcasts: FailedBroadcast[] = []
  for (const room_id of rooms) {
    const outcome = outcomes.get(room_id) ?? ''
    if (typeof outcome === 'string') failed_broadcasts.push({ room_id, error: outcome })
    else {
      const { message_id, timestamp } = outcome
      successful_broadcasts.push({ room_id, room_name: names.get(room_id) ?? room_id, message_id, timestamp })
    }
  }
  return {
    successful_broadcasts,
    failed_broadcasts,
    total_rooms: rooms.length,
    success_count: successful_broadcasts.length,
    failure_count: failed_broadcasts.length,
  }
}

/** @returns the message, or why there is none */
async function sendTo(ctx: Context, room: string, draft: BroadcastDraft): Promise<SentMessage | string> {
  const clientId = draft.clientId === undefined ? undefined : `${draft.clientId}:${room}`
  try {
    return await ctx.attempt(() =>
      postMessage(ctx, {
        room,
        content: draft.content,
        type: 'Broadcast',
        typeIsGiven: true,
        replyTo: undefined,
        attachments: draft.attachments,
        clientId,
      }),
    )
  } catch (error) {
    // What is wrong with the database is wrong for all of them.
    if (!(error instanceof DeskError)) throw error
    return (await findSent(ctx, clientId)) ?? error.message
  }
}

async function roomNamesFor(ctx: Context, rooms: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await rowsOf<{ name: string; room_name: string; room_type: string }>(
    memberRooms(ctx).whereIn('r.name', rooms).select('r.name', 'r.room_name', 'r.room_type'),
  )
  const peers = await peersOf(
    ctx,
    rows.filter(({ room_type }) => room_type === 'Direct Message').map(({ name }) => name),
  )
  return new Map(rows.map((room) => [room.name, nameFor(room, peers.get(room.name))]))
}
