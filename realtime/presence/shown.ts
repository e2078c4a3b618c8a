import { instantOf, type Site } from '@f-chat/desk'
import type { ActivityRow, StoredUser } from './activity-rows.ts'
import {
  seenAt,
  statusOf,
  type PresenceRules,
  type Status,
  type StoredPresence,
  type UserPresence,
} from './user-presence.ts'

type Clock = Site['clock']

/** What others see of a user, with times as the site writes them. */
export interface PresenceShown {
  status: Status
  last_seen: string | null
  last_activity: string | null
}

export function shownOf(clock: Clock, state: UserPresence, at: number, rules: PresenceRules): PresenceShown {
  const text = (ms: number | null): string | null => (ms === null ? null : clock.at(ms))
  return {
    status: statusOf(state, at, rules),
    last_seen: text(seenAt(state, at)),
    last_activity: text(state.lastActivity),
  }
}

/** The user's row in Chat User Activity. */
export function rowOf(
  user: string,
  state: UserPresence,
  { status, ...times }: PresenceShown,
  typingIn: string | undefined,
): ActivityRow {
  return {
    user,
    chat_status: status,
    chosen_status: state.chosen,
    is_online: status === 'offline' ? 0 : 1,
    ...times,
    active_room: state.activeRoom,
    typing_in_room: typingIn ?? null,
  }
}

/** What a row says, as it is known again after a restart. */
export function storedOf(
  clock: Clock,
  { last_activity, last_seen, ...stored }: Omit<StoredUser, 'user'>,
): StoredPresence {
  const ms = (text: string | null): number | null => (text === null ? null : instantOf(clock, text))
  return {
    ...stored,
    lastActivity: ms(last_activity),
    lastSeen: ms(last_seen),
  }
}
