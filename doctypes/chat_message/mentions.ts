import { hashName, type Context } from '@f-chat/desk'
import { findMentions } from '../../markup/mentions.ts'
import { EVERYONE, type Label } from '../../markup/names.ts'
import { plainText } from '../../markup/plain.ts'
import { publishToUser } from '../../realtime/events.ts'
import { personShown, roomNames } from '../chat_room/names.ts'
import { rowsOf, type Query } from '../query.ts'
import { wantsNotice, type Wish } from './notify.ts'

/** A message whose text was just stored; the transaction holds its room. */
export interface Mentioning {
  message: string
  room: string
  seq: number
  content: string
  sender: string
  /** The text that this one replaces; null for a new message. */
  before: string | null
  /** Nobody is told: the message is an old one. */
  quiet?: boolean
}

/** Whom a message names, as rows and events carry it. */
export interface Named {
  /** Ids of users; `@all` where the whole room is meant. */
  mentions: string[]
  /** What stands behind each @ that names one of them, and whom it means. */
  mention_labels: Record<string, string>
}

export const NOBODY_NAMED: Named = { mentions: [], mention_labels: {} }

/** In rooms with more members than this, only Admins and Moderators speak to all of them at once. */
const EVERYONE_UP_TO = 50

const CONTENT_SHOWN = 100

/** Columns of one statement: SQLite takes 32,766 values. */
const ROWS_AT_ONCE = 200

/**
 * Keeps whom a message names, in place of whom its earlier text named, and tells those who were not named before.
 * Nobody names themselves. Costs nothing where no text has an @.
 */
export async function storeMentions(ctx: Context, mentioning: Mentioning): Promise<Named> {
  const { message, content, sender, before, quiet = false } = mentioning
  const earlier = before?.includes('@') ? await takeMentions(ctx, message) : []
  if (!content.includes('@')) return NOBODY_NAMED
  const found = await namedIn(ctx, mentioning)
  if (found.length === 0) return NOBODY_NAMED
  const members = await lockNamed(ctx, mentioning, found)
  const present = new Set([EVERYONE, ...members.map(({ user }) => user)])
  const named = found.filter(({ user }) => present.has(user))
  await insertMentions(ctx, mentioning, named)
  if (!quiet && !earlier.includes(EVERYONE)) {
    await announce(
      ctx,
      mentioning,
      members.filter(({ user }) => user !== sender && !earlier.includes(user)),
    )
  }
  return asNamed(named)
}

/** Forgets whom these messages named: they were deleted. */
export async function dropMentions(ctx: Context, messages: readonly string[]): Promise<void> {
  if (messages.length === 0) return
  await ctx.db('tabChat Message Mention').whereIn('parent', messages).delete()
}

/** Whom these messages name, by message; one statement. */
export async function readMentions(
  ctx: Context,
  messages: readonly string[],
): Promise<ReadonlyMap<string, Named>> {
  const rows = await rowsOf<{ parent: string; user: string | null; label: string }>(
    ctx
      .db('tabChat Message Mention')
      .whereIn('parent', messages)
      .orderBy('idx')
      .select('parent', 'user', 'label'),
  )
  const byMessage = new Map<string, Label[]>()
  for (const { parent, user, label } of rows) {
    const labels = byMessage.get(parent)
    const one = { label, user: user ?? EVERYONE }
    if (labels) labels.push(one)
    else byMessage.set(parent, [one])
  }
  return new Map([...byMessage].map(([parent, labels]) => [parent, asNamed(labels)]))
}

/**
 * How many unread messages of others name the caller, as a column of a query over rooms.
 * @param room, @param readUpTo columns of that query: the room's name, and the caller's last_read_seq
 */
export function unreadMentions(ctx: Context, room: string, readUpTo: string): Query {
  const { db, user } = ctx
  return db('tabChat Message Mention as named')
    .whereRaw('named.chat_room = ??', [room])
    .whereRaw('named.seq > ??', [readUpTo])
    .where((me) => {
      void me.where('named.user', user).orWhereNull('named.user')
    })
    .whereNot('named.owner', user)
    .countDistinct('named.seq')
}

const asNamed = (labels: readonly Label[]): Named => ({
  mentions: [...new Set(labels.map(({ user }) => user))],
  mention_labels: Object.fromEntries(labels.map(({ label, user }) => [label, user])),
})

async function takeMentions(ctx: Context, message: string): Promise<string[]> {
  const rows = await rowsOf<{ user: string | null }>(
    ctx.db('tabChat Message Mention').where({ parent: message }).forUpdate().select('user'),
  )
  if (rows.length > 0) await dropMentions(ctx, [message])
  return rows.map(({ user }) => user ?? EVERYONE)
}

async function namedIn(ctx: Context, { room, content, sender }: Mentioning): Promise<Label[]> {
  const members = await rowsOf<{ user: string; full_name: string | null; role: string }>(
    ctx
      .db('tabChat Room Member as m')
      .join('tabUser as u', 'u.name', 'm.user')
      .where('m.parent', room)
      .orderBy('m.idx')
      .select('m.user', 'm.role', 'u.full_name'),
  )
  const people = members.map(({ user, full_name }) => ({ user, full_name: full_name ?? user }))
  const role = members.find(({ user }) => user === sender)?.role ?? 'Member'
  const speaksToAll = members.length <= EVERYONE_UP_TO || role !== 'Member'
  return findMentions(content, people).filter(
    ({ user }) => user !== sender && (user !== EVERYONE || speaksToAll),
  )
}

/** Those of them who are members by the newest commit: what was read before may be older. */
async function lockNamed(
  ctx: Context,
  { room }: Mentioning,
  labels: readonly Label[],
): Promise<{ user: string; notify: Wish | null; is_muted: number }[]> {
  const users = labels.map(({ user }) => user)
  return await rowsOf(
    ctx
      .db('tabChat Room Member')
      .where({ parent: room })
      .modify((query) => {
        if (!users.includes(EVERYONE)) void query.whereIn('user', users)
      })
      .orderBy('idx')
      .forUpdate()
      .select('user', 'notify', 'is_muted'),
  )
}

async function insertMentions(
  ctx: Context,
  { message, room, seq, sender }: Mentioning,
  labels: readonly Label[],
): Promise<void> {
  const now = ctx.now()
  const rows = labels.map(({ user, label }, i) => ({
    name: hashName(),
    owner: sender,
    modified_by: sender,
    creation: now,
    modified: now,
    parent: message,
    parenttype: 'Chat Message',
    parentfield: 'mentions',
    idx: i + 1,
    user: user === EVERYONE ? null : user,
    label,
    chat_room: room,
    seq,
  }))
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    await ctx.db('tabChat Message Mention').insert(rows.slice(at, at + ROWS_AT_ONCE))
  }
}

async function announce(
  ctx: Context,
  { message, room, seq, content, sender }: Mentioning,
  members: readonly { user: string; notify: Wish | null; is_muted: number }[],
): Promise<void> {
  const found = await roomNames.get(ctx, room)
  const direct = found?.room_type === 'Direct Message'
  const told = members.filter(({ notify, is_muted }) =>
    wantsNotice({ wish: notify ?? 'All', mentioned: true, direct, own: false, muted: is_muted === 1 }),
  )
  if (told.length === 0) return
  const { name } = await personShown(ctx, sender)
  const mention = {
    message_id: message,
    room_id: room,
    room_name: direct ? name : (found?.room_name ?? ''),
    sender,
    sender_name: name,
    content: plainText(content, CONTENT_SHOWN),
    seq,
  }
  for (const { user } of told) publishToUser(ctx, user, 'chat_mention', mention)
}
