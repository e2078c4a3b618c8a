import { ValidationError, type Context } from '@f-chat/desk'
import {
  askIndex,
  planIndex,
  scanRecent,
  type Hits,
  type IndexPlan,
  type Question,
  type SearchedRoom,
} from './find-sql.ts'
import { SCOPE, scopeKey } from './search-index.ts'
import { phrasesOf, type Phrase } from './tokens.ts'

/** Hits that can be reached: who has more looks for something more exact. */
export const MOST_HITS = 1000
const MOST_PHRASES = 20

/** Scopes of a room that are so few that the index answers at once, however common the word. */
const NEWEST = 2

/** @throws ValidationError for a term without a word, or with very many */
export function readTerm(term: string): Phrase[] {
  const phrases = phrasesOf(term)
  if (phrases.length === 0) throw new ValidationError('Type a word to search for.')
  if (phrases.length > MOST_PHRASES) {
    throw new ValidationError(`Search for at most ${String(MOST_PHRASES)} words at once.`)
  }
  return phrases
}

/** Microseconds of the index that are worth to look for a cheaper way. */
const DEAR = 50_000

/**
 * Looks for messages in a room: in its newest ones first, and in all only where those do not suffice. One to four
 * statements. Whoever calls has been checked.
 */
export async function findInRoom(ctx: Context, room: SearchedRoom, question: Question): Promise<Hits> {
  const scopes = scopesOf(room)
  const ask = (newest: number, words?: IndexPlan['words']): Promise<Hits> =>
    askIndex(ctx, [room.name], scopes.slice(-newest), question, words)
  const { places, complete } = await ask(NEWEST)
  if (scopes.length <= NEWEST) return { places, complete }
  const { needed } = question
  if (places.length >= needed) return { places, complete: false }
  const { words, cost } = await planIndex(ctx, question.phrases, room)
  const enough = Math.ceil((1.5 * NEWEST * needed) / places.length)
  if (cost * room.last_seq > DEAR && enough < scopes.length) {
    const more = await ask(enough, words)
    if (more.places.length >= needed) return { ...more, complete: false }
  }
  return await ask(scopes.length, words)
}

/** How much further than the newest messages it is worth to read for what is common, but not that common. */
const FURTHER = 8
const EVER = '1000-01-01'

/**
 * Looks for messages in several rooms: in the newest of the site first, where a common word is soon found, and only
 * where those do not suffice in the index, where a rare one is. At most three statements.
 *
 * @param recentFrom what {@link recentBegin} has found
 */
export async function findInRooms(
  ctx: Context,
  rooms: readonly SearchedRoom[],
  recentFrom: string | null,
  question: Question,
): Promise<Hits> {
  const names = rooms.map(({ name }) => name)
  const total = rooms.reduce((sum, { last_seq }) => sum + last_seq, 0)
  if (total === 0) return { places: [], complete: true }
  let found = 0
  if (recentFrom !== null && total > NEWEST * SCOPE) {
    const places = await scanRecent(ctx, names, recentFrom, question)
    if (places.length >= question.needed) return { places, complete: false }
    found = places.length
  }
  const { words, cost } = await planIndex(ctx, question.phrases)
  if (cost * total > DEAR && found * FURTHER >= question.needed) {
    const places = await scanRecent(ctx, names, EVER, { ...question, counted: question.needed })
    return { places, complete: places.length < question.needed }
  }
  return await askIndex(ctx, names, rooms.flatMap(scopesOf), question, words)
}

/** The keys of a room's scopes, oldest first. */
const scopesOf = ({ name, last_seq }: SearchedRoom): string[] =>
  Array.from({ length: Math.floor(last_seq / SCOPE) + 1 }, (_, scope) => scopeKey(name, scope))
