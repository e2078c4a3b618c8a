import { Type } from '@f-chat/desk'
import { Check, NotifyShape } from './shapes.ts'
import { longPath } from './shared.ts'

/** The Python app's paths of a method about rooms, in both of its modules for them. */
export const roomPaths = (method: string): string[] => [
  longPath('room_management', method),
  longPath('user_search', method),
]

const Text = Type.String()
export const OptionalText = Type.Union([Text, Type.Null()])
const Yes = Type.Boolean()

export const RoomType = Type.Union([
  Type.Literal('Direct Message'),
  Type.Literal('Team Chat'),
  Type.Literal('Group Chat'),
  Type.Literal('Announcement'),
])

export const UserId = Type.String({ minLength: 1, maxLength: 140 })

export const Role = Type.Union([Type.Literal('Member'), Type.Literal('Moderator'), Type.Literal('Admin')])

/** The role of somebody who is added. */
export const MemberRole = Type.Union(
  [Type.Literal('Member'), Type.Literal('Moderator'), Type.Literal('Admin')],
  { default: 'Member' },
)

/** What a user may do in a room (f-chat-api.md §4). */
export const PermissionsShape = Type.Object(
  {
    is_member: Yes,
    role: OptionalText,
    is_muted: Yes,
    joined_date: OptionalText,
    can_send_messages: Yes,
    can_react: Yes,
    can_edit_messages: Yes,
    can_delete_messages: Yes,
    can_add_members: Yes,
    can_remove_members: Yes,
    can_update_roles: Yes,
    can_mute_members: Yes,
    can_update_room_settings: Yes,
    can_archive_room: Yes,
    can_delete_room: Yes,
    can_export: Yes,
    can_delete_any_message: Yes,
    can_edit_any_message: Yes,
  },
  { additionalProperties: false },
)

const MemberShape = Type.Object(
  {
    user: Text,
    role: Text,
    is_muted: Check,
    joined_date: OptionalText,
    last_read_timestamp: OptionalText,
    user_full_name: Text,
    user_image: OptionalText,
    user_email: Text,
    /** 0: a member who cannot log in any more. */
    enabled: Check,
    employee_info: Type.Object({ designation: OptionalText, department: OptionalText }),
  },
  { additionalProperties: false },
)

/** A room with its members, as get_room_details answers it. */
export const RoomDetailsShape = Type.Object(
  {
    name: Text,
    room_name: Text,
    room_type: RoomType,
    description: OptionalText,
    room_status: Text,
    is_private: Check,
    max_members: Type.Integer(),
    allow_file_sharing: Check,
    auto_delete_messages_after_days: Type.Integer(),
    created_by: OptionalText,
    creation_date: OptionalText,
    team_master: OptionalText,
    change_seq: Type.Integer(),
    notify: NotifyShape,
    members: Type.Array(MemberShape),
    member_count: Type.Integer(),
  },
  { additionalProperties: false },
)

/** A member after a change of theirs. */
export const MemberChanged = { room_id: Text, user_id: Text, role: Text, is_muted: Yes }
