import type { Context } from '@f-chat/desk'
import { memberRoom, memberRooms } from '../chat_room/membership.ts'
import { nameFor, peersOf } from '../chat_room/peers.ts'
import { rowsOf } from '../query.ts'
import { recentBegin, type Filters, type Hits, type Place } from './find-sql.ts'
import { findInRoom, findInRooms, MOST_HITS, readTerm } from './find.ts'
import { readMessages, type MessageRow } from './history.ts'
import { highlighted, snippetOf } from './snippet.ts'
import type { Phrase } from './tokens.ts'

/** A part of the hits, as pages count them. */
export interface HitPage {
  offset: number
  limit: number
}

export interface HitList<Row> {
  rows: Row[]
  /** How many hits there are; with `isMinimum`, at least. */
  total: number
  isMinimum: boolean
  hasNext: boolean
}

/** Hits that are counted in any case, when the page itself needs fewer. */
const COUNTED = 200

/** One more than the page has tells whether there is another. */
function hitsFor({ offset, limit }: HitPage): { needed: number; counted: number } {
  const needed = Math.min(MOST_HITS, offset + limit + 1)
  return { needed, counted: Math.max(COUNTED, needed) }
}

function listed<Row>({ places, complete }: Hits, { offset, limit }: HitPage, rows: Row[]): HitList<Row> {
  return {
    rows,
    total: places.length,
    isMinimum: !complete,
    hasNext: places.length > offset + limit,
  }
}

/**
 * The messages of one of the caller's rooms that have all the words of a term, newest first. At most nine statements:
 * the room, one to four of the index, the messages.
 * @throws DoesNotExistError (outsiders too), ValidationError
 */
export async function searchRoom(
  ctx: Context,
  roomName: string,
  term: string,
  filters: Filters,
  page: HitPage,
): Promise<HitList<MessageRow>> {
  const room = await memberRoom(ctx, roomName)
  const question = { phrases: readTerm(term), filters, ...hitsFor(page) }
  const hits = await findInRoom(ctx, room, question)
  const seqs = hits.places.slice(page.offset, page.offset + page.limit).map(({ seq }) => seq)
  return listed(hits, page, await readMessages(ctx, room.name, seqs))
}

/** A message that was found, with where it is and what was found in it. */
export interface FoundMessage {
  name: string
  chat_room: string
  room_name: string
  room_type: string
  sender: string
  sender_name: string
  message_type: string
  message_content: string | null
  /** HTML: a part of the text, all of it escaped, with `<mark>` around what was found. */
  highlighted_content: string
  /** The same part as text … */
  snippet: string
  /** … and what was found in it, as [start, end) of its UTF-16 units. */
  highlights: [number, number][]
  timestamp: string
  seq: number
}

/**
 * The messages of all the caller's rooms that have all the words of a term, newest first. At most six statements: the
 * rooms, one to three of the index, the messages, and who the others in Direct Messages are.
 * @throws ValidationError
 */
export async function searchRooms(ctx: Context, term: string, page: HitPage): Promise<HitList<FoundMessage>> {
  const phrases = readTerm(term)
  const rooms = await rowsOf<OwnRoom>(
    memberRooms(ctx)
      .whereNot('r.room_status', 'Deleted')
      .select('r.name', 'r.room_name', 'r.room_type', 'r.last_seq', recentBegin(ctx)),
  )
  const hits = await findInRooms(ctx, rooms, rooms[0]?.recent_from ?? null, {
    phrases,
    filters: {},
    ...hitsFor(page),
  })
  const places = hits.places.slice(page.offset, page.offset + page.limit)
  return listed(hits, page, await readFound(ctx, rooms, places, phrases))
}

interface OwnRoom {
  name: string
  room_name: string
  room_type: string
  last_seq: number
  recent_from: string | null
}

type StoredHit = Omit<
  FoundMessage,
  'room_name' | 'room_type' | 'sender_name' | 'highlighted_content' | 'snippet' | 'highlights'
> & { full_name: string | null }

async function readFound(
  ctx: Context,
  rooms: readonly OwnRoom[],
  places: readonly Place[],
  phrases: readonly Phrase[],
): Promise<FoundMessage[]> {
  if (places.length === 0) return []
  const stored = await rowsOf<StoredHit>(
    ctx
      .db('tabChat Message as m')
      .leftJoin('tabUser as u', 'u.name', 'm.sender')
      .where((any) => {
        for (const { chat_room, seq } of places) void any.orWhere({ 'm.chat_room': chat_room, 'm.seq': seq })
      })
      .where('m.is_deleted', 0)
      .orderBy([
        { column: 'm.timestamp', order: 'desc' },
        { column: 'm.seq', order: 'desc' },
      ])
      .select(
        ...['name', 'chat_room', 'sender', 'message_type', 'message_content', 'timestamp', 'seq'].map(
          (column) => `m.${column}`,
        ),
        'u.full_name',
      ),
  )
  const byName = new Map(rooms.map((room) => [room.name, room]))
  const direct = stored.flatMap(({ chat_room }) =>
    byName.get(chat_room)?.room_type === 'Direct Message' ? [chat_room] : [],
  )
  const peers = await peersOf(ctx, [...new Set(direct)])
  return stored.flatMap(({ full_name, ...message }): FoundMessage[] => {
    const room = byName.get(message.chat_room)
    if (!room) return []
    const snippet = snippetOf(message.message_content ?? '', phrases)
    return [
      {
        ...message,
        room_name: nameFor(room, peers.get(room.name)),
        room_type: room.room_type,
        sender_name: full_name ?? message.sender,
        highlighted_content: highlighted(snippet),
        snippet: snippet.text,
        highlights: snippet.highlights,
      },
    ]
  })
}
