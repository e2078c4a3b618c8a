/** How far a member has read, against where the room stands. */
export interface ReadPosition {
  /** The room's newest message. */
  last_seq: number
  /** The member has read everything up to here … */
  last_read_seq: number
  /** … and wrote this many of the messages after it. */
  own_since_read: number
}

/** Messages of others that the member has not read. */
export function unreadCount({ last_seq, last_read_seq, own_since_read }: ReadPosition): number {
  return Math.max(0, last_seq - last_read_seq - own_since_read)
}

/**
 * The mark that reading up to `upTo` sets (everything, when it is not given): never backwards, never beyond what
 * the room has. Null where the mark stays as it is.
 */
export function nextReadMark(
  { last_seq, last_read_seq }: ReadPosition,
  upTo: number | undefined,
): number | null {
  const mark = Math.min(upTo ?? last_seq, last_seq)
  return mark > last_read_seq ? mark : null
}
