import {
  FAILED_AFTER_MS,
  isOver,
  joined,
  ringing,
  type Call,
  type FinalStatus,
  type Instant,
} from './call.ts'

/**
 * How the call ends as things stand (f-chat-api.md §7), or null while it goes on: it does while somebody is in it and
 * two could be.
 */
export function endOf(call: Call): FinalStatus | null {
  const [inside, mayCome] = [joined(call).length, ringing(call).length]
  if (call.connectedAt !== null) return inside === 0 || inside + mayCome < 2 ? 'Ended' : null
  // Nobody has joined yet: the caller hung up, or nobody can come any more.
  if (inside > 0 && mayCome > 0) return null
  return inside > 0 && everyoneRejected(call) ? 'Rejected' : 'Missed'
}

/** All who were invited, but for those who were taken out before they answered. */
function everyoneRejected(call: Call): boolean {
  const asked = call.places.filter(({ user, status }) => user !== call.initiator && status !== 'Left')
  return asked.length > 0 && asked.every(({ status }) => status === 'Rejected')
}

/** Something that happens by itself when its time has come. */
export type Deadline = { at: Instant } & (
  { what: 'ring_timeout'; user: string } | { what: 'device_lost'; user: string } | { what: 'media_failed' }
)

/** What happens next by itself; of several at one instant the first in the order of the places. */
export function nextDeadline(call: Call): Deadline | null {
  if (isOver(call)) return null
  let next: Deadline | null = null
  const consider = (deadline: Deadline): void => {
    if (!next || deadline.at < next.at) next = deadline
  }
  for (const { user, ringsUntil } of ringing(call)) {
    if (ringsUntil !== null) consider({ what: 'ring_timeout', user, at: ringsUntil })
  }
  const inside = joined(call)
  for (const { user, aliveUntil } of inside) {
    if (aliveUntil !== null) consider({ what: 'device_lost', user, at: aliveUntil })
  }
  const failures = inside.flatMap(({ failedSince }) => failedSince ?? [])
  if (call.connectedAt !== null && inside.length > 0 && failures.length === inside.length) {
    consider({ what: 'media_failed', at: Math.max(...failures) + FAILED_AFTER_MS })
  }
  return next
}
