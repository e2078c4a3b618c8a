/** A message that the page shows to its user, in Frappe's words. */
export interface ReplyMessage {
  message: string
  title: string
  indicator: string
}

/** What is said to the caller besides the result (`ctx.msgprint`): `_server_messages` of the answer. */
export class Reply {
  readonly messages: ReplyMessage[] = []

  /** A transaction begins again: what it said before never happened. */
  reset(): void {
    this.messages.length = 0
  }
}
