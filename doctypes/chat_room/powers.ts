/** What counts of a room for who may do what in it. */
export interface RoomKind {
  room_type: string
  room_status: string
}

/** A member's standing. */
export interface Standing {
  role: string
  is_muted: number
}

/** What a user may do in a room (f-chat-api.md §4), as `check_room_permissions` names it. */
export interface Powers {
  can_send_messages: boolean
  can_react: boolean
  /** One's own. */
  can_edit_messages: boolean
  can_delete_messages: boolean
  can_add_members: boolean
  can_remove_members: boolean
  can_update_roles: boolean
  can_mute_members: boolean
  can_update_room_settings: boolean
  can_archive_room: boolean
  can_delete_room: boolean
  can_export: boolean
  can_delete_any_message: boolean
  /** Nobody edits what another wrote. */
  can_edit_any_message: boolean
}

const NOTHING: Powers = {
  can_send_messages: false,
  can_react: false,
  can_edit_messages: false,
  can_delete_messages: false,
  can_add_members: false,
  can_remove_members: false,
  can_update_roles: false,
  can_mute_members: false,
  can_update_room_settings: false,
  can_archive_room: false,
  can_delete_room: false,
  can_export: false,
  can_delete_any_message: false,
  can_edit_any_message: false,
}

/**
 * What a member may do; nothing for those who are none. A muted member reads and searches only, whatever the role.
 * An archived room is read-only: it can be exported, brought back and removed, by its Admins. The two of a Direct
 * Message stay the two.
 */
export function powersIn(room: RoomKind, member: Standing | undefined): Powers {
  if (!member || member.is_muted || room.room_status === 'Deleted') return NOTHING
  const isAdmin = member.role === 'Admin'
  const leads = isAdmin || member.role === 'Moderator'
  const active = room.room_status === 'Active'
  const writes = active && (leads || room.room_type !== 'Announcement')
  const grows = active && room.room_type !== 'Direct Message'
  return {
    can_send_messages: writes,
    can_react: active,
    can_edit_messages: writes,
    can_delete_messages: writes,
    can_add_members: grows && leads,
    can_remove_members: grows && leads,
    can_update_roles: grows && isAdmin,
    can_mute_members: grows && leads,
    can_update_room_settings: isAdmin,
    can_archive_room: active && isAdmin,
    // A Direct Message is the other's as much: neither takes it from them.
    can_delete_room: isAdmin && room.room_type !== 'Direct Message',
    can_export: isAdmin,
    can_delete_any_message: active && leads,
    can_edit_any_message: false,
  }
}

/** Whether someone of this role may remove, mute or set apart someone of that role: Admins anyone, Moderators Members. */
export function mayGovern(role: string, theirs: string): boolean {
  return role === 'Admin' || (role === 'Moderator' && theirs === 'Member')
}

/** Whether someone of this role may give that role to a member who is added. */
export function mayGive(role: string, given: string): boolean {
  return role === 'Admin' || (role === 'Moderator' && given === 'Member')
}
