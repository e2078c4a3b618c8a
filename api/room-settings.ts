import { defineMethod, Type } from '@f-chat/desk'
import { archiveRoom, updateSettings } from '../doctypes/chat_room/room-settings.ts'
import { LONGEST_DESCRIPTION, type RoomSettings } from '../doctypes/chat_room/settings-rules.ts'
import { roomPaths, RoomType } from './room-shapes.ts'
import { answerOf, RoomId } from './shared.ts'

/** Inside of JSON nothing is turned into the type that is meant: a form's 0, "0" and false all come. */
const FormFlag = Type.Union([
  Type.Boolean(),
  ...([0, 1, '0', '1'] as const).map((value) => Type.Literal(value)),
])
const FormNumber = Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^[0-9]{1,9}$' })])

const Settings = Type.Object(
  {
    room_name: Type.Optional(Type.String({ maxLength: 140 })),
    description: Type.Optional(Type.Union([Type.String({ maxLength: LONGEST_DESCRIPTION }), Type.Null()])),
    max_members: Type.Optional(FormNumber),
    allow_file_sharing: Type.Optional(FormFlag),
    auto_delete_messages_after_days: Type.Optional(FormNumber),
    is_private: Type.Optional(FormFlag),
    room_type: Type.Optional(RoomType),
    /** Active brings an archived room back; Deleted hides the room from everybody, for good. */
    room_status: Type.Optional(
      Type.Union([Type.Literal('Active'), Type.Literal('Archived'), Type.Literal('Deleted')]),
    ),
  },
  { additionalProperties: false },
)

export const updateRoomSettings = defineMethod({
  name: 'f_chat.update_room_settings',
  summary: 'Changes a room’s settings; answers which of them are new.',
  aliases: roomPaths('update_room_settings'),
  writes: true,
  input: Type.Object({ room_id: RoomId, settings: Settings }),
  output: Type.Object({
    success: Type.Literal(true),
    message: Type.String(),
    changes: Type.Array(Type.String()),
  }),
  async handler({ room_id, settings }, ctx) {
    const { max_members, auto_delete_messages_after_days: days, ...rest } = settings
    const { allow_file_sharing, is_private, ...texts } = rest
    const wanted: Partial<RoomSettings> = {
      ...texts,
      ...(max_members !== undefined && { max_members: Number(max_members) }),
      ...(days !== undefined && { auto_delete_messages_after_days: Number(days) }),
      ...(allow_file_sharing !== undefined && { allow_file_sharing: Number(allow_file_sharing) ? 1 : 0 }),
      ...(is_private !== undefined && { is_private: Number(is_private) ? 1 : 0 }),
    }
    const changes = Object.keys(await updateSettings(ctx, room_id, wanted))
    const message = changes.length > 0 ? 'Room settings updated' : 'The room is like that already'
    return { success: true, message, changes }
  },
})

export const archiveRoomMethod = defineMethod({
  name: 'f_chat.archive_room',
  summary: 'Makes a room read-only, until an Admin brings it back.',
  aliases: roomPaths('archive_room'),
  writes: true,
  input: Type.Object({ room_id: RoomId }),
  output: answerOf({ room_id: Type.String(), room_status: Type.Literal('Archived') }),
  async handler({ room_id }, ctx) {
    await archiveRoom(ctx, room_id)
    return { success: true, message: 'Room archived', data: { room_id, room_status: 'Archived' } }
  },
})
