import { DeskError, type Context } from '@f-chat/desk'
import { memberRooms } from '../chat_room/membership.ts'
import { nameFor, peersOf } from '../chat_room/peers.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { rowsOf } from '../query.ts'
import { BroadcastFiles } from './broadcast-files.ts'
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
 * Files are made ready first. Then rooms are locked, in the order of their names, so that two broadcasts do not wait
 * for each other.
 * @throws ValidationError, CharacterLengthExceededError for a text that no room would take
 */
export async function broadcast(ctx: Context, draft: BroadcastDraft): Promise<BroadcastResult> {
  await requireChat(ctx)
  checkContent(draft.content)
  const rooms = [...new Set(draft.rooms)]
  const files = await BroadcastFiles.find(ctx, rooms, draft.attachments)
  const outcomes = new Map<string, SentMessage | string>()
  const ready = new Map<string, readonly object[]>()
  for (const room of rooms.toSorted()) {
    const { done, instead = '' } =
      draft.attachments.length === 0
        ? { done: [] }
        : await attempt(ctx, room, draft, () => files.of(ctx, room))
    if (done) ready.set(room, done)
    else outcomes.set(room, instead)
  }
  for (const [room, attachments] of ready) {
    const { done, instead = '' } = await attempt(ctx, room, draft, () =>
      sendTo(ctx, room, draft, attachments),
    )
    outcomes.set(room, done ?? instead)
  }
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

/** A broadcast's key in one room. */
const keyIn = (room: string, { clientId }: BroadcastDraft): string | undefined =>
  clientId === undefined ? undefined : `${clientId}:${room}`

interface Outcome<T> {
  /** What the part answered … */
  done?: T
  /** … or, where it was refused, the message that an earlier try has sent, or the reason. */
  instead?: SentMessage | string
}

async function attempt<T>(
  ctx: Context,
  room: string,
  draft: BroadcastDraft,
  part: () => Promise<T>,
): Promise<Outcome<T>> {
  try {
    return { done: await ctx.attempt(part) }
  } catch (error) {
    // What is wrong with the database is wrong for all of them.
    if (!(error instanceof DeskError)) throw error
    return { instead: (await findSent(ctx, keyIn(room, draft))) ?? error.message }
  }
}

async function sendTo(
  ctx: Context,
  room: string,
  draft: BroadcastDraft,
  attachments: readonly object[],
): Promise<SentMessage> {
  return await postMessage(ctx, {
    room,
    content: draft.content,
    type: 'Broadcast',
    typeIsGiven: true,
    replyTo: undefined,
    attachments,
    clientId: keyIn(room, draft),
  })
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
