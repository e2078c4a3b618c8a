import { documentOf, PermissionError, type Context } from '@f-chat/desk'
import type { ChatCallSessionFields } from './chat_call_session.types.ts'

/** A call of a room. It begins, changes and ends through the methods for calls only. */
export default class ChatCallSession extends documentOf<ChatCallSessionFields>() {
  #fromServer = false

  /** A call of the server's own making. */
  static fromServer(ctx: Context, values: Partial<ChatCallSessionFields>): ChatCallSession {
    const session = ctx.newDoc('Chat Call Session', values)
    if (!(session instanceof ChatCallSession)) throw new Error('Chat Call Session has another controller.')
    session.#fromServer = true
    return session
  }

  override validate(): void {
    if (this.#fromServer && this.isNew) return
    throw new PermissionError(
      'Calls begin and end through the methods for calls, not by saving the document.',
    )
  }

  override on_trash(): void {
    throw new PermissionError('Calls are kept: they are the history of their room.')
  }
}
