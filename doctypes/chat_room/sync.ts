import type { Context } from '@f-chat/desk'
import { planCatchUp, positionAfter, withinBudget, type RoomPosition } from '../../realtime/catch-up.ts'
import type { Wish } from '../chat_message/notify.ts'
import { readChanges, type MessageRow } from '../chat_message/history.ts'
import { memberRooms } from './membership.ts'
import { rowsOf } from '../query.ts'

/** Changes in one answer, over all rooms. */
const BUDGET = 2000

/** A member as sync tells of them. */
export interface SyncMember {
  user: string
  full_name: string
  user_image: string | null
  role: string
  is_muted: number
  joined_date: string | null
}

/** A room's settings as sync tells of them. */
export interface SyncRoom {
  name: string
  room_name: string
  room_type: string
  description: string | null
  room_status: string
  is_private: number
  max_members: number
  allow_file_sharing: number
  auto_delete_messages_after_days: number
}

export interface RoomCatchUp {
  change_seq: number
  messages: MessageRow[]
  read: Record<string, number>
  members?: SyncMember[]
  room?: SyncRoom
  /** The caller's own wish. */
  notify: Wish
  more: boolean
  reset: boolean
}

export interface SyncAnswer {
  rooms: Record<string, RoomCatchUp>
  added: string[]
  removed: string[]
}

type StoredRoom = SyncRoom & RoomPosition & { notify: Wish | null }

interface StoredMember extends Omit<SyncMember, 'full_name'> {
  room: string
  full_name: string | null
  last_read_seq: number
}

/**
 * What a client missed that knows these rooms up to these change_seq. A message that changes while the answer is
 * put together has then moved beyond the change_seq that is answered: the next sync gives it.
 */
export async function catchUp(
  ctx: Context,
  known: Readonly<Record<string, number>>,
  limit: number,
): Promise<SyncAnswer> {
  const rooms = await readRooms(ctx)
  const named = rooms.filter(({ name }) => Object.hasOwn(known, name))
  const planned = withinBudget(
    named.map((room) => planCatchUp(room, known[room.name] ?? 0, limit)),
    BUDGET,
  )
  const plans = named.map((room, i) => ({ room, plan: planned[i] ?? planCatchUp(room, 0, limit) }))
  const behind = plans.filter(({ plan }) => plan.upTo > plan.after)
  const messages = await readChanges(
    ctx,
    behind.map(({ room, plan }) => ({ room: room.name, after: plan.after, upTo: plan.upTo })),
  )
  const members = await readMembers(
    ctx,
    named.map(({ name }) => name),
  )
  const answers = plans.map(({ room, plan }): [string, RoomCatchUp] => {
    const here = members.filter((member) => member.room === room.name)
    return [
      room.name,
      {
        change_seq: positionAfter(room, plan),
        messages: messages.filter(({ chat_room }) => chat_room === room.name),
        read: Object.fromEntries(here.map(({ user, last_read_seq }) => [user, last_read_seq])),
        ...(plan.members && { members: here.map(memberOf) }),
        ...(plan.room && { room: settingsOf(room) }),
        notify: room.notify ?? 'All',
        more: plan.more,
        reset: plan.reset,
      },
    ]
  })
  const mine = new Set(rooms.map(({ name }) => name))
  return {
    rooms: Object.fromEntries(answers),
    added: rooms.map(({ name }) => name).filter((name) => !Object.hasOwn(known, name)),
    removed: Object.keys(known).filter((name) => !mine.has(name)),
  }
}

async function readRooms(ctx: Context): Promise<StoredRoom[]> {
  return await rowsOf<StoredRoom>(
    memberRooms(ctx)
      .whereNot('r.room_status', 'Deleted')
      .select(
        ...['name', 'room_name', 'room_type', 'description', 'room_status', 'is_private'].map(
          (c) => `r.${c}`,
        ),
        ...['max_members', 'allow_file_sharing', 'auto_delete_messages_after_days'].map((c) => `r.${c}`),
        ...['change_seq', 'members_change_seq', 'settings_change_seq'].map((c) => `r.${c}`),
        'm.notify',
      ),
  )
}

async function readMembers(ctx: Context, rooms: readonly string[]): Promise<StoredMember[]> {
  if (rooms.length === 0) return []
  return await rowsOf<StoredMember>(
    ctx
      .db('tabChat Room Member as m')
      .leftJoin('tabUser as u', 'u.name', 'm.user')
      .whereIn('m.parent', rooms)
      .orderBy('m.idx')
      .select('m.parent as room', 'm.user', 'm.role', 'm.is_muted', 'm.joined_date', 'm.last_read_seq')
      .select('u.full_name', 'u.user_image'),
  )
}

function memberOf({ user, full_name, user_image, role, is_muted, joined_date }: StoredMember): SyncMember {
  return { user, full_name: full_name ?? user, user_image, role, is_muted, joined_date }
}

function settingsOf(room: StoredRoom): SyncRoom {
  const {
    change_seq: _change,
    members_change_seq: _members,
    settings_change_seq: _settings,
    notify: _notify,
    ...settings
  } = room
  return settings
}
