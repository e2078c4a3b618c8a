import { checkUpload, PermissionError, type Context, type FileLimits, type Upload } from '@f-chat/desk'
import { memberRooms, roomNotFound } from '../chat_room/membership.ts'
import type { RoomKind, Standing } from '../chat_room/powers.ts'
import { requirePower } from '../chat_room/require.ts'
import ChatSettings from '../chat_settings/chat_settings.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { rowsOf } from '../query.ts'

/** A room as the question whether a file may be sent there needs it. */
type FileRoom = RoomKind & Standing & { name: string; allow_file_sharing: number }

/**
 * Refuses whoever may not send files to the room now.
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError
 */
export async function requireFileRoom(ctx: Context, room: string): Promise<void> {
  await requireChat(ctx)
  const [found] = await rowsOf<FileRoom>(
    memberRooms(ctx)
      .where('m.parent', room)
      .whereNot('r.room_status', 'Deleted')
      .select(['name', 'room_type', 'room_status', 'allow_file_sharing'].map((column) => `r.${column}`))
      .select('m.role', 'm.is_muted'),
  )
  // MariaDB's collation finds `cr-1` too: only the id itself is the room's.
  if (found?.name !== room) throw roomNotFound(room)
  requirePower(
    found,
    found,
    'can_send_messages',
    'Only Admins and Moderators send files to an Announcement room.',
  )
  if (!found.allow_file_sharing)
    throw new PermissionError('This room takes no files. Ask one of its Admins to allow them.')
}

/** What Chat Settings let people send. */
export async function uploadLimits(ctx: Context): Promise<FileLimits> {
  const { max_file_size, allowed_file_types } = await ChatSettings.read(ctx)
  const accept = allowed_file_types?.trim()
  return { mostBytes: max_file_size, ...(accept ? { accept } : {}) }
}

/** @throws ValidationError for the first that is too large (413) or of a kind that is not allowed */
export async function checkUploads(ctx: Context, uploads: readonly Upload[]): Promise<void> {
  const limits = await uploadLimits(ctx)
  for (const upload of uploads) checkUpload(upload, limits)
}
