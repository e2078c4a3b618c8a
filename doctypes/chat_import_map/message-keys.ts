import { numberIn } from './names.ts'
import type { FrappeSource } from './source.ts'
import { textOf, timeOf } from './values.ts'

/** The messages of the source, in the order in which their rooms will hold them. */
export interface MessageKeys {
  /** Names by room, ordered by time and name; null where the room is not named. */
  byRoom: Map<string, string[]>
  count: number
  largest: number
}

const KEYS_PER_PAGE = 20_000
/** Between a time and a name: sorts before everything that either of them holds. */
const SEPARATOR = '\n'
/** A message without any time comes before the others. */
export const NO_TIME = '0000'

/**
 * Reads names and times alone, some sixty bytes a message, so that the messages themselves can be read in batches
 * that need no sorting: the source has no index for their order.
 */
export async function readMessageKeys(
  source: FrappeSource,
  told: (done: number) => void,
): Promise<MessageKeys> {
  const byRoom = new Map<string, string[]>()
  let count = 0
  let largest = 0
  for await (const rows of source.pages(
    'Chat Message',
    ['chat_room', 'timestamp', 'creation'],
    KEYS_PER_PAGE,
  )) {
    for (const { name, chat_room, timestamp, creation } of rows) {
      const room = textOf(chat_room)
      const at = timeOf(timestamp) ?? timeOf(creation) ?? NO_TIME
      const key = `${at}${SEPARATOR}${textOf(name)}`
      const keys = byRoom.get(room)
      if (keys) keys.push(key)
      else byRoom.set(room, [key])
      largest = Math.max(largest, numberIn('Chat Message', textOf(name)) ?? 0)
    }
    count += rows.length
    told(count)
  }
  for (const [room, keys] of byRoom)
    byRoom.set(
      room,
      keys.sort().map((key) => key.slice(key.indexOf(SEPARATOR) + 1)),
    )
  return { byRoom, count, largest }
}
