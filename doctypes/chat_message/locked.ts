import { DoesNotExistError, type Context } from '@f-chat/desk'
import { lockMemberRoom, type LockedMember, type LockedRoom } from '../chat_room/change.ts'
import { rowsOf } from '../query.ts'

/** A message that this transaction holds, with its room. */
export interface LockedMessage {
  name: string
  sender: string
  message_type: string
  message_content: string | null
  timestamp: string
  is_deleted: number
  delete_timestamp: string | null
  edit_timestamp: string | null
  seq: number
  change_seq: number
}

export interface Held {
  room: LockedRoom
  member: LockedMember
  message: LockedMessage
}

/** A message that is not there, and one that the caller may not see: the answer is the same. */
export function messageNotFound(message: string): Error {
  return new DoesNotExistError(`Chat Message ${message.slice(0, 140)} not found.`)
}

/** Holds a message of one of the caller's rooms. @throws DoesNotExistError for outsiders too */
export async function lockMessage(ctx: Context, name: string): Promise<Held> {
  const found = await ctx
    .db('tabChat Message')
    .where({ name })
    .first<{ name: string; chat_room: string } | undefined>('name', 'chat_room')
  if (found?.name !== name) throw messageNotFound(name)
  const { room, member } = await lockMemberRoom(ctx, found.chat_room).catch((error: unknown) => {
    throw error instanceof DoesNotExistError ? messageNotFound(name) : error
  })
  const [message] = await rowsOf<LockedMessage>(
    ctx
      .db('tabChat Message')
      .where({ name })
      .forUpdate()
      .select(
        ...['name', 'sender', 'message_type', 'message_content', 'timestamp', 'is_deleted'],
        ...['delete_timestamp', 'edit_timestamp', 'seq', 'change_seq'],
      ),
  )
  if (!message) throw messageNotFound(name)
  return { room, member, message }
}
