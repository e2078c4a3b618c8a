import { UniqueValidationError, type Context } from '@f-chat/desk'
import ChatSettings from '../chat_settings/chat_settings.ts'
import type { ChatRoomFields } from './chat_room.types.ts'
import { directKey } from './direct.ts'

/** What a room is made from. */
export interface RoomDraft {
  room_name: string
  room_type: NonNullable<ChatRoomFields['room_type']>
  description: string | null
  is_private: 0 | 1
  team_master: string | null
  /** The other members; the caller may be among them and becomes Admin. */
  members: readonly { user: string; role: string }[]
}

export interface CreatedRoom {
  name: string
  room_name: string
  room_type: string
  creation: string
}

/**
 * Makes a room with the caller as its Admin. A Direct Message that the two already have is answered instead, also
 * when both open it at the same moment.
 * @throws ValidationError, MandatoryError, LinkValidationError
 */
export async function createRoom(ctx: Context, draft: RoomDraft): Promise<CreatedRoom> {
  const existing = await findDirect(ctx, draft)
  if (existing) return existing
  const settings = await ChatSettings.read(ctx)
  const room = ctx.newDoc('Chat Room', {
    ...draft,
    max_members: settings.default_room_max_members,
  })
  try {
    await room.insert({ ignorePermissions: true })
  } catch (error) {
    // The room's row is the first that is written: nothing of this one is left to undo.
    const opened = error instanceof UniqueValidationError ? await findDirect(ctx, draft) : undefined
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

async function findDirect(ctx: Context, draft: RoomDraft): Promise<CreatedRoom | undefined> {
  if (draft.room_type !== 'Direct Message') return undefined
  const users = new Set([
    ctx.user.toLowerCase(),
    ...draft.members.map(({ user }) => user.trim().toLowerCase()),
  ])
  if (users.size !== 2) return undefined
  return await ctx
    .db('tabChat Room')
    .where({ direct_key: directKey([...users]) })
    .whereNot('room_status', 'Deleted')
    .first<CreatedRoom | undefined>('name', 'room_name', 'room_type', 'creation')
}
