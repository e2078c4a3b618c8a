import type { Context } from '@f-chat/desk'
import { publishToRoom, roomChannel } from '../../realtime/events.ts'
import { rowsOf } from '../query.ts'
import { endCallOf } from '../chat_call_session/leave-all.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { lockMemberRoom, lockMembers, nextChange, type LockedRoom } from './change.ts'
import { roomNames } from './names.ts'
import { requirePower } from './require.ts'
import { actionOf, planSettings, type RoomSettings } from './settings-rules.ts'

const ADMINS = 'Only Admins change a room. Ask one of them.'
const THEIRS_TOO = 'A Direct Message belongs to both: leave it, or archive it.'

/**
 * Changes a room's settings, and tells the room. A room that is deleted is nobody's from then on: its messages stay
 * in the database, for those who keep the records.
 * @returns the settings that are new
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError
 */
export async function updateSettings(
  ctx: Context,
  roomId: string,
  wanted: Partial<RoomSettings>,
): Promise<Partial<RoomSettings>> {
  await requireChat(ctx)
  const { room, member } = await lockMemberRoom(ctx, roomId)
  const deletes = wanted.room_status === 'Deleted'
  const power = deletes ? 'can_delete_room' : 'can_update_room_settings'
  const otherwise = deletes && room.room_type === 'Direct Message' ? THEIRS_TOO : ADMINS
  // Admins have it in an archived room, too: there it is not the room that stands in the others' way.
  requirePower({ ...room, room_status: 'Active' }, member, power, otherwise)
  const users = (await lockMembers(ctx, room)).map(({ user }) => user)
  const changes = planSettings({ ...(await readSettings(ctx, room)), member_count: users.length }, wanted)
  await applySettings(ctx, room, changes, users)
  return changes
}

/** Makes a room read-only. @throws DoesNotExistError (outsiders too), PermissionError, ValidationError */
export async function archiveRoom(ctx: Context, roomId: string): Promise<void> {
  await requireChat(ctx)
  const { room, member } = await lockMemberRoom(ctx, roomId)
  requirePower(room, member, 'can_archive_room', ADMINS)
  await applySettings(ctx, room, { room_status: 'Archived' }, [])
}

/**
 * Stores what has been decided of a locked room's settings, and tells the room.
 * @param users its members: those who stop hearing it when it is deleted
 */
export async function applySettings(
  ctx: Context,
  room: LockedRoom,
  changes: Partial<RoomSettings>,
  users: readonly string[],
): Promise<void> {
  if (Object.keys(changes).length === 0) return
  if (changes.room_status !== undefined && changes.room_status !== 'Active') await endCallOf(ctx, room)
  const { db } = ctx
  const modified = ctx.now()
  const leavesTeam = changes.room_type !== undefined && room.team_master !== null
  await db('tabChat Room')
    .where({ name: room.name })
    .update({
      ...changes,
      ...(leavesTeam && { team_master: null, team_left: null }),
      // Whoever opens this conversation again begins a new one.
      ...(changes.room_status === 'Deleted' && { direct_key: null }),
      ...{ modified, modified_by: ctx.user },
    })
  if (leavesTeam) await db('tabChat Room Member').where({ parent: room.name }).update({ via_team: 0 })
  Object.assign(room, changes)
  const change_seq = await nextChange(ctx, room, 'settings', { at: modified })
  publishToRoom(ctx, room.name, 'chat_room_updated', {
    room_id: room.name,
    room_name: room.room_name,
    action: actionOf(changes),
    changes: Object.keys(changes),
    new_values: changes,
    change_seq,
  })
  if (changes.room_status === 'Deleted') ctx.leaveRoom(users, roomChannel(room.name))
  ctx.noticeUpdate('Chat Room', room.name, modified)
  ctx.afterCommit(() => {
    roomNames.forget(ctx.site, room.name)
  })
}

async function readSettings(ctx: Context, { name }: LockedRoom): Promise<RoomSettings> {
  const [row] = await rowsOf<RoomSettings>(
    ctx
      .db('tabChat Room')
      .where({ name })
      .forUpdate()
      .select(
        ...['room_name', 'description', 'max_members', 'allow_file_sharing', 'is_private'],
        ...['auto_delete_messages_after_days', 'room_type', 'room_status'],
      ),
  )
  if (!row) throw new Error(`The locked room ${name} is gone.`)
  return row
}
