/** A member's wish for a room. */
export type Wish = 'All' | 'Mentions' | 'None'

/** A message as it concerns one member of its room. */
export interface Occasion {
  wish: Wish
  /** By name, or with the whole room. */
  mentioned: boolean
  /** In a Direct Message every message is meant for the other. */
  direct: boolean
  /** The member sent it. */
  own: boolean
  /** The room's measure against the member: it takes the word from them, not the hearing. */
  muted: boolean
}

/** Where a member is: looking at the room, at another page of the desk, in a call, or not there. */
export type Whereabouts = 'in_room' | 'online' | 'busy' | 'away' | 'offline'

/** Whether a member wishes to be told of a message at all. */
export function wantsNotice({ wish, mentioned, direct, own }: Occasion): boolean {
  if (own) return false
  return wish === 'All' || (wish === 'Mentions' && (mentioned || direct))
}

/**
 * How a member is told: `push` reaches devices without an open page, `alert` is a sign on the open ones, `none` leaves
 * it at the number in the list. In a call only what is meant for them gets through, without a push.
 */
export function noticeFor(occasion: Occasion, whereabouts: Whereabouts): 'push' | 'alert' | 'none' {
  if (!wantsNotice(occasion)) return 'none'
  switch (whereabouts) {
    case 'in_room':
      return 'none'
    case 'online':
      return 'alert'
    case 'busy':
      return occasion.mentioned || occasion.direct ? 'alert' : 'none'
    case 'away':
    case 'offline':
      return 'push'
  }
}
