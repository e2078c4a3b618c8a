import { hashName, type Context } from '@f-chat/desk'
import { findMentions } from '../../markup/mentions.ts'
import { EVERYONE, type Nameable } from '../../markup/names.ts'
import { publishToUser } from '../../realtime/events.ts'
import { personShown, roomNames } from '../chat_room/names.ts'
import { rowsOf } from '../query.ts'

/** A message whose text was just stored; the transaction holds its room. */
export interface Mentioning {
  message: string
  room: string
  seq: number
  content: string
  sender: string
  /** The text that this one replaces; null for a new message. */
  before: string | null
}

/** In rooms with more members than this, only Admins and Moderators speak to all of them at once. */
const EVERYONE_UP_TO = 50

interface Listener {
  user: string
  notify: string
}

/**
 * Keeps whom a message names, in place of whom its earlier text named, and tells those who were not named before.
 * Costs nothing where no text has an @.
 * @returns their ids, without the sender's own; `@all` where the whole room is meant: what events carry as `mentions`
 */
export async function storeMentions(ctx: Context, mentioning: Mentioning): Promise<string[]> {
  const { message, content, before } = mentioning
  const earlier = before?.includes('@') ? await takeMentions(ctx, message) : []
  if (!content.includes('@')) return []
  const labels = await namedIn(ctx, mentioning)
  if (labels.size === 0) return []
  const listeners = await lockListeners(ctx, mentioning, [...labels.keys()])
  const users = [...labels.keys()].filter(
    (user) => user === EVERYONE || listeners.some((listener) => listener.user === user),
  )
  await insertMentions(ctx, mentioning, new Map(users.map((user) => [user, labels.get(user) ?? user])))
  if (!earlier.includes(EVERYONE)) {
    const fresh = listeners.filter(({ user, notify }) => !earlier.includes(user) && notify !== 'None')
    await announce(
      ctx,
      mentioning,
      fresh.map(({ user }) => user),
    )
  }
  return users
}

/** Forgets whom these messages named: they were deleted. */
export async function dropMentions(ctx: Context, messages: readonly string[]): Promise<void> {
  if (messages.length === 0) return
  await ctx.db('tabChat Message Mention').whereIn('parent', messages).delete()
}

async function takeMentions(ctx: Context, message: string): Promise<string[]> {
  const rows = await rowsOf<{ user: string | null }>(
    ctx.db('tabChat Message Mention').where({ parent: message }).forUpdate().select('user'),
  )
  if (rows.length > 0) await dropMentions(ctx, [message])
  return rows.map(({ user }) => user ?? EVERYONE)
}

/** Whom the text names, each with the first label used. */
async function namedIn(
  ctx: Context,
  { room, content, sender }: Mentioning,
): Promise<ReadonlyMap<string, string>> {
  const members = await rowsOf<{ user: string; full_name: string | null; role: string }>(
    ctx
      .db('tabChat Room Member as m')
      .join('tabUser as u', 'u.name', 'm.user')
      .where('m.parent', room)
      .orderBy('m.idx')
      .select('m.user', 'm.role', 'u.full_name'),
  )
  const people = members.map(({ user, full_name }): Nameable => ({ user, full_name: full_name ?? user }))
  const own = members.find(({ user }) => user === sender)
  const speaksToAll = members.length <= EVERYONE_UP_TO || (own !== undefined && own.role !== 'Member')
  const labels = new Map<string, string>()
  for (const { user, label } of findMentions(content, people)) {
    if (user === sender || labels.has(user) || (user === EVERYONE && !speaksToAll)) continue
    labels.set(user, label.slice(0, 140))
  }
  return labels
}

/** Those of them who are members by the newest commit: what was read before may be older. */
async function lockListeners(
  ctx: Context,
  { room, sender }: Mentioning,
  named: readonly string[],
): Promise<Listener[]> {
  return await rowsOf<Listener>(
    ctx
      .db('tabChat Room Member')
      .where({ parent: room })
      .whereNot('user', sender)
      .modify((query) => {
        if (!named.includes(EVERYONE)) void query.whereIn('user', named)
      })
      .orderBy('idx')
      .forUpdate()
      .select('user', 'notify'),
  )
}

async function insertMentions(
  ctx: Context,
  { message, room, seq, sender }: Mentioning,
  labels: ReadonlyMap<string, string>,
): Promise<void> {
  if (labels.size === 0) return
  const now = ctx.now()
  await ctx.db('tabChat Message Mention').insert(
    [...labels].map(([user, label], i) => ({
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
    })),
  )
}

async function announce(
  ctx: Context,
  { message, room, seq, content, sender }: Mentioning,
  users: readonly string[],
): Promise<void> {
  if (users.length === 0) return
  const { name } = await personShown(ctx, sender)
  const found = await roomNames.get(ctx, room)
  for (const user of users) {
    publishToUser(ctx, user, 'chat_mention', {
      message_id: message,
      room_id: room,
      room_name: found?.room_type === 'Direct Message' ? name : (found?.room_name ?? ''),
      sender,
      sender_name: name,
      content: content.slice(0, 100),
      seq,
    })
  }
}
