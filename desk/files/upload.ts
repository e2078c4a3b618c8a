import type { Received } from './store.ts'

/** A file that came with a call; it is gone when the call has been answered, unless it was saved. */
export interface Upload {
  /** The form's field. */
  field: string
  /** Cleaned. */
  name: string
  /** What its content is, whatever the client claims. */
  contentType: string
  received: Received
}
