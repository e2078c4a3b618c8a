import { ADMINISTRATOR, DoesNotExistError, type Context, type Document } from '@f-chat/desk'
import { rowsOf, type Query } from '../query.ts'

/** A room as one of its members finds it. */
export interface MemberRoom {
  name: string
  room_name: string
  room_type: string
  room_status: string
  last_seq: number
  change_seq: number
  deleted_count: number
  role: string
  is_muted: number
  last_read_seq: number
  own_since_read: number
}

const MEMBER_ROOM = [
  ...['name', 'room_name', 'room_type', 'room_status', 'last_seq', 'change_seq', 'deleted_count'].map(
    (c) => `r.${c}`,
  ),
  ...['role', 'is_muted', 'last_read_seq', 'own_since_read'].map((c) => `m.${c}`),
]

/** A room that is not there, and one that the caller may not see: the answer is the same. */
export function roomNotFound(room: string): Error {
  return new DoesNotExistError(`Chat Room ${room.slice(0, 140)} not found.`)
}

/** Rooms (`r`) with the caller's own membership (`m`). */
export function memberRooms(ctx: Context): Query {
  return ctx
    .db('tabChat Room Member as m')
    .join('tabChat Room as r', 'r.name', 'm.parent')
    .where('m.user', ctx.user)
}

/** @throws DoesNotExistError for outsiders too */
export async function memberRoom(ctx: Context, room: string): Promise<MemberRoom> {
  const [row] = await rowsOf<MemberRoom>(
    memberRooms(ctx).where('m.parent', room).whereNot('r.room_status', 'Deleted').select(MEMBER_ROOM),
  )
  if (row?.name !== room) throw roomNotFound(room)
  return row
}

export async function isMember(ctx: Context, room: string): Promise<boolean> {
  const rows = await rowsOf<{ name: string }>(
    memberRooms(ctx).where('m.parent', room).whereNot('r.room_status', 'Deleted').select('m.name'),
  )
  return rows.length > 0
}

/** The names of the caller's rooms, as a subquery. */
function ownRooms(ctx: Context): Query {
  return memberRooms(ctx).whereNot('r.room_status', 'Deleted').select('m.parent')
}

async function seesMetadata(ctx: Context): Promise<boolean> {
  return ctx.user === ADMINISTRATOR || (await ctx.roles()).has('System Manager')
}

/** Rooms are listed for their members; their metadata for System Managers. */
export async function narrowRooms(query: Query, ctx: Context): Promise<void> {
  if (!(await seesMetadata(ctx))) void query.whereIn('tabChat Room.name', ownRooms(ctx))
}

/** What is said in a room is listed for its members, whoever else asks. */
export function narrowMessages(query: Query, ctx: Context): void {
  void query.whereIn('tabChat Message.chat_room', ownRooms(ctx))
}

export function narrowCalls(query: Query, ctx: Context): void {
  void query.whereIn('tabChat Call Session.chat_room', ownRooms(ctx))
}

export async function mayAccessRoom(doc: Document, ptype: string, ctx: Context): Promise<boolean> {
  if (ptype === 'create') return true
  if ((await seesMetadata(ctx)) || (await isMember(ctx, doc.name))) return true
  throw roomNotFound(doc.name)
}

/** For what belongs to a room. Who may create is the document's own rule, so that its refusal says why. */
export async function mayAccessContent(doc: Document, ptype: string, ctx: Context): Promise<boolean> {
  if (ptype === 'create' || (await isMember(ctx, doc.text('chat_room')))) return true
  throw new DoesNotExistError(`${doc.doctype} ${doc.name} not found.`)
}
