/** Changes behind which a client is better off loading the newest page than replaying them. */
export const RESET_AFTER = 2000

/** Where a room stands, by its change_seq. */
export interface RoomPosition {
  change_seq: number
  members_change_seq: number
  settings_change_seq: number
}

/** What one answer of sync gives of a room. */
export interface CatchUp {
  /** Messages whose change_seq lies in (after, upTo]; none where they are equal. */
  after: number
  upTo: number
  members: boolean
  room: boolean
  more: boolean
  reset: boolean
}

/**
 * What a client that knows the room up to `since` is given, at most `limit` changes of it. change_seq has no gaps
 * and a message keeps only its newest, so that a range of `limit` numbers holds at most as many messages.
 */
export function planCatchUp(room: RoomPosition, since: number, limit: number): CatchUp {
  const behind = room.change_seq - since
  const moved = { members: room.members_change_seq > since, room: room.settings_change_seq > since }
  if (behind < 0) {
    // The client knows changes that the room has not: the site was restored from a backup.
    return { after: since, upTo: since, members: true, room: true, more: false, reset: true }
  }
  if (behind > RESET_AFTER) return { after: since, upTo: since, ...moved, more: false, reset: true }
  const upTo = Math.min(room.change_seq, since + limit)
  return { after: since, upTo, ...moved, more: upTo < room.change_seq, reset: false }
}

/** The change_seq that the client holds once it has taken the answer in. */
export function positionAfter(room: RoomPosition, plan: CatchUp): number {
  return plan.reset ? room.change_seq : plan.upTo
}

/** How many rooms' plans fit into one answer of about `budget` changes; the others are told to ask again. */
export function withinBudget(plans: readonly CatchUp[], budget: number): CatchUp[] {
  let left = budget
  return plans.map((plan) => {
    const size = plan.upTo - plan.after
    if (size === 0 || left > 0) {
      left -= size
      return plan
    }
    return { ...plan, upTo: plan.after, members: false, room: false, more: true }
  })
}
