import type { Context } from '@f-chat/desk'
import { isMember } from '../chat_room/membership.ts'
import type { ChatMessageFields } from './chat_message.types.ts'
import ChatMessage from './chat_message.ts'

export interface MessageDraft {
  room: string
  content: string
  type: NonNullable<ChatMessageFields['message_type']>
  /** Set by a method that sends in the caller's name what they cannot send themselves, such as a Broadcast. */
  typeIsGiven?: boolean
  replyTo: string | undefined
  attachments: readonly object[]
  /** Idempotency key: the sender's next try with the same one is the same message. */
  clientId: string | undefined
}

/** A message as its sender is told of it. */
export interface SentMessage {
  message_id: string
  timestamp: string
  room_id: string
  sender: string
  message_content: string
  message_type: string
  seq: number
  change_seq: number
  client_id: string | null
}

/**
 * Sends a message in the caller's name. With a `clientId` that has been used already the insert breaks a unique key
 * and the whole transaction with it, so that the room's numbers stay without gaps: ask {@link findSent} then.
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError, CharacterLengthExceededError
 */
export async function postMessage(ctx: Context, draft: MessageDraft): Promise<SentMessage> {
  const values = {
    chat_room: draft.room,
    message_type: draft.type,
    message_content: draft.content,
    reply_to_message: draft.replyTo ?? null,
    file_attachments: draft.attachments,
    client_id: draft.clientId ?? null,
  }
  const message = draft.typeIsGiven ? ChatMessage.byMethod(ctx, values) : ctx.newDoc('Chat Message', values)
  await message.insert({ ignorePermissions: true, ignoreLinks: true })
  return {
    message_id: message.name,
    timestamp: message.text('timestamp'),
    room_id: draft.room,
    sender: ctx.user,
    message_content: message.text('message_content'),
    message_type: draft.type,
    seq: Number(message.get('seq')),
    change_seq: Number(message.get('change_seq')),
    client_id: draft.clientId ?? null,
  }
}

/**
 * The caller's message that was sent with this `clientId`, if they may still read it. To be asked after any refusal:
 * the first try may have gone through before its sender was muted, and must not look lost.
 */
export async function findSent(ctx: Context, clientId: string | undefined): Promise<SentMessage | undefined> {
  if (!clientId) return undefined
  const found = await ctx
    .db('tabChat Message')
    .where({ sender: ctx.user, client_id: clientId })
    .first<SentMessage | undefined>(
      'name as message_id',
      'timestamp',
      'chat_room as room_id',
      'sender',
      'message_content',
      'message_type',
      'seq',
      'change_seq',
      'client_id',
    )
  // MariaDB's collation takes `A` for `a`: another key must not pass for this message.
  return found?.client_id === clientId && (await isMember(ctx, found.room_id)) ? found : undefined
}
