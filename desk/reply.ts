/** A message that the page shows to its user, in Frappe's words. */
export interface ReplyMessage {
  message: string
  title: string
  indicator: string
}

/** What an answer carries besides its result: messages (`_server_messages`) and documents (`docs`). */
export class Reply {
  readonly messages: ReplyMessage[] = []
  readonly docs: unknown[] = []

  /** A transaction begins again: what it said before never happened. */
  reset(): void {
    this.messages.length = 0
    this.docs.length = 0
  }
}
