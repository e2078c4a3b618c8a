/** A person who gets mail, or sends it. */
export interface Address {
  name: string
  address: string
}

export interface Attachment {
  filename: string
  content: Uint8Array
  contentType?: string
}

/** A message as it goes out. */
export interface Message {
  to: readonly Address[]
  cc: readonly Address[]
  replyTo: Address | null
  subject: string
  text: string
  html: string
  attachments: readonly Attachment[]
  /** The same each time that it is tried, so that who gets it twice can tell. */
  messageId: string
  date: Date
  /** Whom it is brought to now: of `to`, `cc`, and of those who are named in no header. */
  envelope: readonly string[]
}

export interface Refusal {
  /** As in the envelope. */
  address: string
  reason: string
  /** Trying again would not help. */
  permanent: boolean
}

/** What became of a message: everybody of the envelope is in one of both. */
export interface Delivery {
  accepted: readonly string[]
  refused: readonly Refusal[]
}

/** Brings mail away. */
export interface Mailer {
  /** Whom it sends as. */
  readonly sender: string
  /** Never rejects because of the other side: what it says, or that it does not answer, is in the delivery. */
  send(message: Message): Promise<Delivery>
  /** Whether the server answers, and lets us in. @throws Error that says what to check */
  verify(): Promise<void>
  close(): void
}
