import { UniqueValidationError, type Context } from '@f-chat/desk'
import ChatSettings from '../chat_settings/chat_settings.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import type { ChatRoomFields } from './chat_room.types.ts'
import { directKey } from './direct.ts'
import { reopenDirect } from './direct-return.ts'
import { isMember } from './membership.ts'
import { MOST_MEMBERS } from './membership-rules.ts'

/** What a room is made from. */
export interface RoomDraft {
  room_name: string
  room_type: NonNullable<ChatRoomFields['room_type']>
  description: string | null
  is_private: 0 | 1
  team_master: string | null
  /** Idempotency key: the creator's next try with the same one is the same room. */
  client_id: string | null
  /** The other members; the caller may be among them and becomes Admin. */
  members: readonly { user: string; role: string }[]
}

export interface CreatedRoom {
  name: string
  room_name: string
  room_type: string
  creation: string
}

const CREATED = ['name', 'room_name', 'room_type', 'creation'] as const

/**
 * Makes a room with the caller as its Admin. A Direct Message that the two already have is answered instead, also
 * when both open it at the same moment; where one of them has left it, or it was archived, it is opened again.
 * @throws ValidationError, MandatoryError, LinkValidationError; UniqueValidationError for a `client_id` that has
 * been used: ask {@link findCreated} then
 */
export async function createRoom(ctx: Context, draft: RoomDraft): Promise<CreatedRoom> {
  await requireChat(ctx)
  const existing = await openDirect(ctx, draft)
  if (existing) return existing
  const settings = await ChatSettings.read(ctx)
  const room = ctx.newDoc('Chat Room', {
    ...draft,
    max_members: Math.min(settings.default_room_max_members, MOST_MEMBERS),
  })
  try {
    // Its links are looked up with the rules for each: members who are enabled, a team that the caller may use.
    await room.insert({ ignorePermissions: true, ignoreLinks: true })
  } catch (error) {
    // The room's row is the first that is written: nothing of this one is left to undo.
    const opened = error instanceof UniqueValidationError ? await openDirect(ctx, draft) : undefined
    if (!opened) throw error
    return opened
  }
  return {
    name: room.name,
    room_name: room.text('room_name'),
    room_type: draft.room_type,
    creation: room.creation,
  }
}

/** The room that the caller made with this `clientId`, if they are still in it. */
export async function findCreated(
  ctx: Context,
  clientId: string | undefined,
): Promise<CreatedRoom | undefined> {
  if (!clientId) return undefined
  const found = await ctx
    .db('tabChat Room')
    .where({ created_by: ctx.user, client_id: clientId })
    .first<(CreatedRoom & { client_id: string }) | undefined>(...CREATED, 'client_id')
  // MariaDB's collation takes `A` for `a`: another key must not pass for this room.
  if (found?.client_id !== clientId || !(await isMember(ctx, found.name))) return undefined
  const { client_id: _key, ...room } = found
  return room
}

/** The Direct Message that the two have already, with the caller in it. */
async function openDirect(ctx: Context, draft: RoomDraft): Promise<CreatedRoom | undefined> {
  if (draft.room_type !== 'Direct Message') return undefined
  const users = new Set([
    ctx.user.toLowerCase(),
    ...draft.members.map(({ user }) => user.trim().toLowerCase()),
  ])
  if (users.size !== 2) return undefined
  const found = await ctx
    .db('tabChat Room')
    .where({ direct_key: directKey([...users]) })
    .whereNot('room_status', 'Deleted')
    .first<(CreatedRoom & { room_status: string; member_left: number }) | undefined>(
      ...[...CREATED, 'room_status', 'member_left'],
    )
  if (!found) return undefined
  const { room_status, member_left, ...room } = found
  if (room_status !== 'Active' || member_left === 1) await reopenDirect(ctx, room.name)
  return room
}
