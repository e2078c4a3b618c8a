import type { Context } from '@f-chat/desk'
import { storeMentions } from '../chat_message/mentions.ts'
import { indexMessages, unindexMessages } from '../chat_message/search-index.ts'
import type { MessageThere } from './message-values.ts'
import { textOf } from './values.ts'

/** A message that was brought, where it is here. */
export interface Brought {
  name: string
  seq: number
  there: MessageThere
}

/** Lets search find messages that were brought; those that are deleted it forgets. */
export async function indexBrought(
  ctx: Context,
  messages: readonly (Brought & { room: string })[],
): Promise<void> {
  const gone = messages.filter(({ there }) => there.is_deleted === 1).map(({ name }) => name)
  await unindexMessages(ctx, gone)
  await indexMessages(
    ctx,
    messages
      .filter(({ there }) => there.is_deleted === 0)
      .map(({ name, room, seq, there }) => ({
        name,
        chat_room: room,
        seq,
        message_type: there.message_type,
        timestamp: there.at,
        message_content: there.content,
        files: there.attachments.map(({ file_name }) => textOf(file_name)),
      })),
  )
}

/** Keeps whom a message names. Nobody is told: it is an old one. */
export async function nameMentioned(
  ctx: Context,
  room: string,
  { name, seq, there }: Brought,
  before: string | null,
): Promise<void> {
  const content = there.is_deleted || there.message_type === 'System' ? '' : (there.content ?? '')
  if (!content.includes('@') && !before?.includes('@')) return
  await storeMentions(ctx, { message: name, room, seq, content, sender: there.sender, before, quiet: true })
}
