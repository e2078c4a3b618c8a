import { ERASED_NAME, type Context, type ErasureRun, type PersonToErase } from '@f-chat/desk'
import { forgetInMap } from '../chat_import_map/forget-user.ts'
import { eraseFromMessages } from '../chat_message/erase.ts'
import { lockRoom } from '../chat_room/change.ts'
import { directRoomsOf, disappearFrom, roomsOf } from '../chat_room/depart.ts'
import { applySettings } from '../chat_room/room-settings.ts'
import { eraseUploads } from '../chat_upload/erase.ts'
import { withoutNames } from '../text.ts'

/**
 * Erases a person from the chat, the `erase_user` hook: they leave every room, and with it every call; what they wrote
 * and sent goes; what others hold says {@link ERASED_NAME}. Each room for itself, and in parts, so that nobody waits
 * long; members' clients hear of all of it. Done again, it goes on where it was (docs/adr/0031).
 */
export async function erasePersonFromChat(person: PersonToErase, run: ErasureRun): Promise<void> {
  const { user, names } = person
  for (const room of await run.read((ctx) => roomsOf(ctx, user)))
    await run.write((ctx) => disappearFrom(ctx, room, user))
  await eraseFromMessages(person, run)
  for (const { name } of await run.read((ctx) => directRoomsOf(ctx, user)))
    await run.write((ctx) => eraseFromTitle(ctx, name, names))
  while (await run.write((ctx) => eraseUploads(ctx, user))) continue
  await run.write((ctx) => forgetInMap(ctx, user))
}

/** A Direct Message is called after its two members. */
async function eraseFromTitle(ctx: Context, name: string, names: readonly string[]): Promise<void> {
  const room = await lockRoom(ctx, name, { deleted: true })
  const room_name = withoutNames(room.room_name, names, ERASED_NAME)
  if (room_name !== room.room_name) await applySettings(ctx, room, { room_name }, [])
}
