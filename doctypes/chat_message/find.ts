import { ValidationError, type Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { KEY_LENGTH, SCOPE, scopeKey, SEARCH_TABLE } from './search-index.ts'
import { SEARCH_TEXT } from './search-tables.ts'
import { phrasesOf, type Phrase } from './tokens.ts'

/** Hits that can be reached: who has more looks for something more exact. */
export const MOST_HITS = 1000
const MOST_PHRASES = 20

/** The newest messages of the site that are looked through one by one, before the index is asked. */
const RECENT = { mariadb: 16_384, sqlite: 4096 }
/** Messages so few that the index answers at once, however common the word. */
const FEW = 2 * SCOPE

export interface SearchedRoom {
  name: string
  last_seq: number
}

export interface Filters {
  message_type?: string | undefined
  sender?: string | undefined
  /** In the site's time, both inclusive. */
  from?: string | undefined
  to?: string | undefined
}

/** Where a message is. */
export interface Place {
  chat_room: string
  seq: number
}

export interface Hits {
  /** Newest first. */
  places: Place[]
  /** Whether these are all there are. */
  complete: boolean
}

/** @throws ValidationError for a term without a word, or with very many */
export function readTerm(term: string): Phrase[] {
  const phrases = phrasesOf(term)
  if (phrases.length === 0) throw new ValidationError('Type a word to search for.')
  if (phrases.length > MOST_PHRASES) {
    throw new ValidationError(`Search for at most ${String(MOST_PHRASES)} words at once.`)
  }
  return phrases
}

/** What one search asks of the index, in whichever rooms. */
interface Question {
  phrases: readonly Phrase[]
  filters: Filters
  /** Hits that are needed, at most. */
  wanted: number
}

/**
 * Looks for messages in a room: in its newest ones first, and only where those do not suffice in all. One or two
 * statements. Whoever calls has been checked.
 */
export async function findInRoom(ctx: Context, room: SearchedRoom, question: Question): Promise<Hits> {
  const scopes = scopesOf(room)
  const newest = scopes.slice(-2)
  const recent = await askIndex(ctx, [room.name], newest, question)
  if (recent.places.length >= question.wanted || newest.length === scopes.length) return recent
  return await askIndex(ctx, [room.name], scopes, question)
}

/**
 * Looks for messages in several rooms: in the newest of the site first, where a common word is soon found, and only
 * where those do not suffice in the index, where a rare one is. At most two statements.
 */
export async function findInRooms(
  ctx: Context,
  rooms: readonly SearchedRoom[],
  question: Question,
): Promise<Hits> {
  if (rooms.length === 0) return { places: [], complete: true }
  const names = rooms.map(({ name }) => name)
  if (rooms.reduce((sum, { last_seq }) => sum + last_seq, 0) > FEW) {
    const places = await scanRecent(ctx, names, question)
    if (places.length >= question.wanted) return { places, complete: false }
  }
  return await askIndex(ctx, names, rooms.flatMap(scopesOf), question)
}

/** The keys of a room's scopes, oldest first. */
const scopesOf = ({ name, last_seq }: SearchedRoom): string[] =>
  Array.from({ length: Math.floor(last_seq / SCOPE) + 1 }, (_, scope) => scopeKey(name, scope))

async function askIndex(
  ctx: Context,
  rooms: readonly string[],
  keys: readonly string[],
  { phrases, filters, wanted }: Question,
): Promise<Hits> {
  const words = indexWords(phrases)
  const [match, source] =
    ctx.kind === 'mariadb'
      ? [booleanQuery(keys, words), `\`${SEARCH_TABLE}\` s force index (tokens)`]
      : [
          fts5Query(keys, words),
          `\`${SEARCH_TEXT}\` cross join \`${SEARCH_TABLE}\` s on s.id = \`${SEARCH_TEXT}\`.rowid`,
        ]
  const matches =
    ctx.kind === 'mariadb' ? 'match (s.tokens) against (? in boolean mode)' : `\`${SEARCH_TEXT}\` match ?`
  const narrowed = narrow(ctx, rooms, filters)
  // What the index does not know: which words stand together, and those that it was not asked for.
  const open = words.length === count(phrases) ? phrases.filter(({ tokens }) => tokens.length > 1) : phrases
  const texts = readTexts(open)
  const places = await rowsOfRaw(
    ctx,
    `select s.chat_room, s.seq from ${source} ${narrowed.join}
     where ${matches} ${narrowed.where} ${texts.where}
     order by s.at desc, s.seq desc limit ?`,
    [...narrowed.joined, match, ...narrowed.bindings, ...texts.bindings, wanted],
  )
  return { places, complete: places.length < wanted }
}

/** Stops at the first hits that suffice, so that a common word costs little. */
async function scanRecent(
  ctx: Context,
  rooms: readonly string[],
  { phrases, filters, wanted }: Question,
): Promise<Place[]> {
  const order = ctx.kind === 'mariadb' ? 'force index (primary)' : `indexed by \`${SEARCH_TABLE}.at_index\``
  const narrowed = narrow(ctx, rooms, filters)
  const texts = readTexts(phrases)
  return await rowsOfRaw(
    ctx,
    `select s.chat_room, s.seq from \`${SEARCH_TABLE}\` s ${order}
     where s.at >= coalesce(
       (select at from \`${SEARCH_TABLE}\` order by at desc limit 1 offset ${String(RECENT[ctx.kind])}), '1000-01-01'
     ) ${narrowed.where} ${texts.where}
     order by s.at desc, s.seq desc limit ?`,
    [...narrowed.bindings, ...texts.bindings, wanted],
  )
}

interface Condition {
  where: string
  bindings: (string | number)[]
}

interface Narrowed extends Condition {
  join: string
  joined: (string | number)[]
}

/** Type and sender stand in the message alone; they are filters of one room's search. */
function narrow(
  ctx: Context,
  rooms: readonly string[],
  { message_type, sender, from, to }: Filters,
): Narrowed {
  const conditions: [string, string | undefined][] = [
    ['m.message_type = ?', message_type],
    ['m.sender = ?', sender],
    ['s.at >= ?', from],
    ['s.at <= ?', to],
  ]
  const given = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]))
  const joins = message_type !== undefined || sender !== undefined
  return {
    join: joins
      ? `${ctx.kind === 'mariadb' ? 'straight_join' : 'cross join'} \`tabChat Message\` m on m.chat_room = ? and m.seq = s.seq`
      : '',
    joined: joins ? rooms.slice(0, 1) : [],
    where: [
      `and s.chat_room in (${rooms.map(() => '?').join()})`,
      ...given.map(({ sql }) => `and ${sql}`),
    ].join(' '),
    bindings: [...rooms, ...given.map(({ value }) => value)],
  }
}

/** The row's words without the key of its scope, each between two spaces. */
const TEXT = `replace(s.tokens, substr(s.tokens, 2, ${String(KEY_LENGTH)}), '')`

function readTexts(phrases: readonly Phrase[]): Condition {
  return {
    where: phrases.map(() => `and instr(${TEXT}, ?) > 0`).join(' '),
    bindings: phrases.map(({ tokens, open }) => ` ${tokens.join(' ')}${open ? '' : ' '}`),
  }
}

/** A word as the index is asked for it. */
interface IndexWord {
  token: string
  open: boolean
}

/** The index narrows down enough with the longest of many. */
const MOST_INDEX_WORDS = 8

function indexWords(phrases: readonly Phrase[]): IndexWord[] {
  const words = phrases.flatMap(({ tokens, open }) =>
    tokens.map((token, i) => ({ token, open: open && i === tokens.length - 1 })),
  )
  return words.toSorted((a, b) => b.token.length - a.token.length).slice(0, MOST_INDEX_WORDS)
}

const count = (phrases: readonly Phrase[]): number =>
  phrases.reduce((sum, { tokens }) => sum + tokens.length, 0)

/** Made of keys and tokens alone, which are a–z, 0–9 and `_`: nothing that was typed is an operator. */
const booleanQuery = (keys: readonly string[], words: readonly IndexWord[]): string =>
  words
    .map(({ token, open }) => `+(${keys.map((key) => key + token + (open ? '*' : '')).join(' ')})`)
    .join(' ')

const fts5Query = (keys: readonly string[], words: readonly IndexWord[]): string =>
  words
    .map(({ token, open }) => `(${keys.map((key) => `${key}${token}${open ? '*' : ''}`).join(' OR ')})`)
    .join(' AND ')

async function rowsOfRaw(ctx: Context, sql: string, bindings: (string | number)[]): Promise<Place[]> {
  const answer = ctx.db.raw(sql, bindings)
  if (ctx.kind === 'sqlite') return await rowsOf<Place>(answer)
  const [rows] = await rowsOf<Place[]>(answer)
  return rows ?? []
}
