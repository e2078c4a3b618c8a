import type { Context } from '@f-chat/desk'
import { rowsOf, type RawSql } from '../query.ts'
import { KEY_LENGTH, SEARCH_TABLE } from './search-index.ts'
import { SEARCH_TEXT } from './search-tables.ts'
import type { Phrase } from './tokens.ts'

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

/** What one search asks of the index, in whichever rooms. */
export interface Question {
  phrases: readonly Phrase[]
  filters: Filters
  /** Hits with which the page that is asked for is full. */
  needed: number
  /** Hits that are counted, at most. */
  counted: number
}

/** The newest messages of the site that are looked through one by one, before the index is asked. */
const RECENT = { mariadb: 8192, sqlite: 4096 }
/** Asks the full-text index. @param keys of the scopes that it looks through @param words those that it is asked for */
export async function askIndex(
  ctx: Context,
  rooms: readonly string[],
  keys: readonly string[],
  { phrases, filters, counted }: Question,
  words = indexWords(phrases),
): Promise<Hits> {
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
  // What the index does not tell: which words stand together, and those that it is not asked for.
  const told = words.length === indexWords(phrases, Infinity).length
  const open = told ? phrases.filter(({ tokens }) => tokens.length > 1) : phrases
  const texts = readTexts(open)
  const places = await rowsOfRaw(
    ctx,
    `select s.chat_room, s.seq from ${source} ${narrowed.join}
     where ${matches} ${narrowed.where} ${texts.where}
     order by s.at desc, s.chat_room desc, s.seq desc limit ?`,
    [...narrowed.joined, match, ...narrowed.bindings, ...texts.bindings, counted],
  )
  return { places, complete: places.length < counted }
}

/** When the newest messages of the site begin, as a value to select; null where there are not so many. */
export const recentBegin = (ctx: Context): RawSql =>
  ctx.db.raw(
    `(select at from \`${SEARCH_TABLE}\` order by at desc, chat_room desc, seq desc limit 1 offset ?) as recent_from`,
    [RECENT[ctx.kind]],
  )

/** Reads the newest messages one by one, and stops at the hits that are counted: a common word costs little. */
export async function scanRecent(
  ctx: Context,
  rooms: readonly string[],
  from: string,
  { phrases, filters, counted }: Question,
): Promise<Place[]> {
  const order = ctx.kind === 'mariadb' ? 'force index (primary)' : `indexed by \`${SEARCH_TABLE}.at\``
  const narrowed = narrow(ctx, rooms, filters)
  const texts = readTexts(phrases)
  return await rowsOfRaw(
    ctx,
    `select s.chat_room, s.seq from \`${SEARCH_TABLE}\` s ${order}
     where s.at >= ? ${narrowed.where} ${texts.where}
     order by s.at desc, s.chat_room desc, s.seq desc limit ?`,
    [from, ...narrowed.bindings, ...texts.bindings, counted],
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
    bindings: phrases.map(textOf),
  }
}

const textOf = ({ tokens, open }: Phrase): string => ` ${tokens.join(' ')}${open ? '' : ' '}`

/** A word as the index is asked for it. */
interface IndexWord {
  token: string
  open: boolean
}

/** The index narrows down enough with the longest of many. */
const MOST_INDEX_WORDS = 8

function indexWords(phrases: readonly Phrase[], most = MOST_INDEX_WORDS): IndexWord[] {
  const words = phrases.flatMap(({ tokens, open }) =>
    tokens.map((token, i) => ({ token, open: open && i === tokens.length - 1 })),
  )
  return words.toSorted((a, b) => b.token.length - a.token.length).slice(0, most)
}

/** Newest messages by which words are told to be common. */
const SAMPLE = 512

/** How the index is best asked. */
export interface IndexPlan {
  /** Each rare enough to be worth it: the index goes through all messages that have a word. */
  words: IndexWord[]
  /** What that takes for each message of the rooms, in microseconds. */
  cost: number
}

/** One word needs no plan; for several, one statement tells how common each is. */
export async function planIndex(
  ctx: Context,
  phrases: readonly Phrase[],
  room?: SearchedRoom,
): Promise<IndexPlan> {
  const words = indexWords(phrases)
  if (words.length < 2) return { words, cost: 0 }
  const counts = words.map((_, i) => `sum(instr(${TEXT}, ?) > 0) as c${String(i)}`)
  const newest = room
    ? `where chat_room = ? order by seq desc limit ${String(SAMPLE)}`
    : `order by at desc, chat_room desc, seq desc limit ${String(SAMPLE)}`
  const [row] = await rowsOfRaw<Record<string, number | string | null>>(
    ctx,
    `select ${counts.join()} from (select tokens from \`${SEARCH_TABLE}\` ${newest}) s`,
    [...words.map(({ token, open }) => textOf({ tokens: [token], open })), ...(room ? [room.name] : [])],
  )
  const shares = words.map((_, i) => Math.max(1, Number(row?.[`c${String(i)}`] ?? 0)) / SAMPLE)
  const { chosen, cost } = selective(shares)
  return { words: chosen.flatMap((i) => words[i] ?? []), cost }
}

/** Microseconds in which the index passes a message that has one of the words, and in which one that has all is read. */
const PASS_COST = 1.3
const READ_COST = 10

/** Which words to ask the index for, by the share of messages that have each: the others are read. Pure. */
export function selective(shares: readonly number[]): { chosen: number[]; cost: number } {
  const order = shares.map((_, i) => i).sort((a, b) => (shares[a] ?? 0) - (shares[b] ?? 0))
  let [left, passed] = [1, 0]
  const chosen = order.filter((i, place) => {
    const share = shares[i] ?? 1
    if (place > 0 && share * PASS_COST > left * READ_COST) return false
    left *= share
    passed += share
    return true
  })
  return { chosen, cost: passed * PASS_COST + left * READ_COST }
}

/** Made of keys and tokens alone, which are a–z, 0–9 and `_`: nothing that was typed is an operator. */
const booleanQuery = (keys: readonly string[], words: readonly IndexWord[]): string =>
  words
    .map(({ token, open }) => `+(${keys.map((key) => key + token + (open ? '*' : '')).join(' ')})`)
    .join(' ')

const fts5Query = (keys: readonly string[], words: readonly IndexWord[]): string =>
  words
    .map(({ token, open }) => `(${keys.map((key) => `${key}${token}${open ? '*' : ''}`).join(' OR ')})`)
    .join(' AND ')

async function rowsOfRaw<Row = Place>(
  ctx: Context,
  sql: string,
  bindings: (string | number)[],
): Promise<Row[]> {
  const answer = ctx.db.raw(sql, bindings)
  if (ctx.kind === 'sqlite') return await rowsOf<Row>(answer)
  const [rows] = await rowsOf<Row[]>(answer)
  return rows ?? []
}
