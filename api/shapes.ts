import { Type } from '@f-chat/desk'

const nothing = Type.Null()
const Text = Type.String()
const OptionalText = Type.Union([Text, nothing])
const OptionalNumber = Type.Union([Type.Number(), nothing])
const Count = Type.Integer({ minimum: 0 })
/** A Check of Frappe's. */
export const Check = Type.Union([Type.Literal(0), Type.Literal(1)])

/** A member's own wish for a room. */
export const NotifyShape = Type.Union([Type.Literal('All'), Type.Literal('Mentions'), Type.Literal('None')])

/** Where a page of a list lies. */
export const PaginationShown = Type.Object({
  total_count: Count,
  page: Type.Integer(),
  page_size: Type.Integer(),
  total_pages: Count,
  has_next: Type.Boolean(),
  has_prev: Type.Boolean(),
})

/** The reactions to a message, by emoji. */
export const ReactionsShape = Type.Record(
  Text,
  Type.Object({
    count: Count,
    users: Type.Array(Type.Object({ user: Text, timestamp: Text })),
  }),
)

/** A file of a message. */
export const AttachmentShape = Type.Object({
  file_name: Text,
  file_url: Text,
  file_type: OptionalText,
  file_size: Count,
  thumbnail_url: OptionalText,
  width: OptionalNumber,
  height: OptionalNumber,
  duration: OptionalNumber,
  waveform: Type.Union([Type.Array(Type.Number()), nothing]),
})

/** A message with all that belongs to it, as get_chat_messages, search_messages and sync give it. */
export const MessageShape = Type.Object({
  name: Text,
  chat_room: Text,
  sender: Text,
  message_type: Text,
  message_content: OptionalText,
  timestamp: Text,
  reply_to_message: OptionalText,
  reply_to_content: OptionalText,
  reply_to_sender: OptionalText,
  is_edited: Check,
  edit_timestamp: OptionalText,
  is_deleted: Check,
  seq: Count,
  change_seq: Count,
  client_id: OptionalText,
  attachments: Type.Array(AttachmentShape),
  reactions: ReactionsShape,
  mentions: Type.Array(Text),
  mention_labels: Type.Record(Text, Text),
  sender_info: Type.Object({ full_name: Text, user_image: OptionalText }),
})

/** A message as its sender is told of it. */
export const SentShape = Type.Object({
  message_id: Text,
  timestamp: Text,
  room_id: Text,
  sender: Text,
  message_content: Text,
  message_type: Text,
  seq: Count,
  change_seq: Count,
  client_id: OptionalText,
})

/** What a method that only does something answers. */
export const DoneShape = Type.Object({ success: Type.Literal(true), message: Text })

/** A room's settings, as sync gives them. */
const RoomSettings = Type.Object({
  name: Text,
  room_name: Text,
  room_type: Text,
  description: OptionalText,
  room_status: Text,
  is_private: Check,
  max_members: Type.Integer(),
  allow_file_sharing: Check,
  auto_delete_messages_after_days: Count,
})

const Member = Type.Object({
  user: Text,
  full_name: Text,
  user_image: OptionalText,
  role: Text,
  is_muted: Check,
  joined_date: OptionalText,
})

/** What rooms have been through (interfaces.md, Socket). */
export const SyncShape = Type.Object({
  rooms: Type.Record(
    Text,
    Type.Object({
      change_seq: Count,
      messages: Type.Array(MessageShape),
      read: Type.Record(Text, Count),
      members: Type.Optional(Type.Array(Member)),
      room: Type.Optional(RoomSettings),
      notify: NotifyShape,
      more: Type.Boolean(),
      reset: Type.Boolean(),
    }),
  ),
  added: Type.Array(Text),
  removed: Type.Array(Text),
})

/** A room with something new for the caller. */
export const UnreadRoomShape = Type.Object({
  name: Text,
  room_name: Text,
  room_type: Text,
  last_read_timestamp: OptionalText,
  unread_count: Count,
  unread_mentions: Count,
})
