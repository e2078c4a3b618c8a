import { ValidationError, type Context } from '@f-chat/desk'
import { askIndex, rarest, scanRecent, type Hits, type Question, type SearchedRoom } from './find-sql.ts'
import { SCOPE, scopeKey } from './search-index.ts'
import { phrasesOf, type Phrase } from './tokens.ts'

/** Hits that can be reached: who has more looks for something more exact. */
export const MOST_HITS = 1000
const MOST_PHRASES = 20

/** Messages so few that the index answers at once, however common the word. */
const FEW = 2 * SCOPE

/** @throws ValidationError for a term without a word, or with very many */
export function readTerm(term: string): Phrase[] {
  const phrases = phrasesOf(term)
  if (phrases.length === 0) throw new ValidationError('Type a word to search for.')
  if (phrases.length > MOST_PHRASES) {
    throw new ValidationError(`Search for at most ${String(MOST_PHRASES)} words at once.`)
  }
  return phrases
}

/**
 * Looks for messages in a room: in its newest ones first, and only where those do not suffice in all. One to three
 * statements. Whoever calls has been checked.
 */
export async function findInRoom(ctx: Context, room: SearchedRoom, question: Question): Promise<Hits> {
  const scopes = scopesOf(room)
  const newest = scopes.slice(-2)
  const { places, complete } = await askIndex(ctx, [room.name], newest, question)
  if (newest.length === scopes.length) return { places, complete }
  if (places.length >= question.needed) return { places, complete: false }
  return await askIndex(ctx, [room.name], scopes, question, await rarest(ctx, question.phrases, room))
}

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
  if (rooms.length === 0) return { places: [], complete: true }
  const names = rooms.map(({ name }) => name)
  if (recentFrom !== null && rooms.reduce((sum, { last_seq }) => sum + last_seq, 0) > FEW) {
    const places = await scanRecent(ctx, names, recentFrom, question)
    if (places.length >= question.needed) return { places, complete: false }
  }
  return await askIndex(ctx, names, rooms.flatMap(scopesOf), question, await rarest(ctx, question.phrases))
}

/** The keys of a room's scopes, oldest first. */
const scopesOf = ({ name, last_seq }: SearchedRoom): string[] =>
  Array.from({ length: Math.floor(last_seq / SCOPE) + 1 }, (_, scope) => scopeKey(name, scope))
