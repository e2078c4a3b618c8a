import { documentOf, PermissionError } from '@f-chat/desk'
import type { ChatCallSessionFields } from './chat_call_session.types.ts'

/** A call of a room. It begins, changes and ends through the methods for calls only. */
export default class ChatCallSession extends documentOf<ChatCallSessionFields>() {
  override validate(): void {
    throw new PermissionError(
      'Calls begin and end through the methods for calls, not by saving the document.',
    )
  }

  override on_trash(): void {
    throw new PermissionError('Calls are kept: they are the history of their room.')
  }
}
