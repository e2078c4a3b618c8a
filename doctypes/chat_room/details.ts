import type { Context } from '@f-chat/desk'
import type { Wish } from '../chat_message/notify.ts'
import { rowsOf } from '../query.ts'
import { memberRooms, roomNotFound } from './membership.ts'
import { nameFor } from './peers.ts'
import { permissionsIn, type RoomPermissions } from './permissions.ts'

/** What a business desk knows about a user, where it keeps Employees. */
export interface EmployeeInfo {
  designation: string | null
  department: string | null
}

/** A member as get_room_details tells of them. */
export interface MemberDetails {
  user: string
  role: string
  is_muted: number
  joined_date: string | null
  last_read_timestamp: string | null
  user_full_name: string
  user_image: string | null
  user_email: string
  /** 0: keeps the membership, and can do nothing. */
  enabled: number
  employee_info: EmployeeInfo
}

/** A room as one of its members finds it, with everybody who is in it. */
export interface RoomDetails {
  name: string
  room_name: string
  room_type: string
  description: string | null
  room_status: string
  is_private: number
  max_members: number
  allow_file_sharing: number
  auto_delete_messages_after_days: number
  created_by: string | null
  creation_date: string | null
  team_master: string | null
  change_seq: number
  /** The caller's own wish. */
  notify: Wish
  members: MemberDetails[]
  member_count: number
}

type StoredRoom = Omit<RoomDetails, 'members' | 'member_count' | 'notify'> & { notify: Wish | null }
type StoredMember = Omit<MemberDetails, 'employee_info' | 'user_full_name' | 'user_email'> & {
  full_name: string | null
  email: string | null
}

const ROOM = [
  ...['name', 'room_name', 'room_type', 'description', 'room_status', 'is_private', 'max_members'],
  ...['allow_file_sharing', 'auto_delete_messages_after_days', 'created_by', 'creation_date', 'team_master'],
  'change_seq',
].map((column) => `r.${column}`)

/** Two statements, and one more where the site has Employees. @throws DoesNotExistError for outsiders too */
export async function readDetails(
  ctx: Context,
  roomId: string,
): Promise<{ room: RoomDetails; user_permissions: RoomPermissions }> {
  const [room] = await rowsOf<StoredRoom>(
    memberRooms(ctx)
      .where('m.parent', roomId)
      .whereNot('r.room_status', 'Deleted')
      .select(ROOM)
      .select('m.notify'),
  )
  if (room?.name !== roomId) throw roomNotFound(roomId)
  const rows = await rowsOf<StoredMember>(
    ctx
      .db('tabChat Room Member as m')
      .leftJoin('tabUser as u', 'u.name', 'm.user')
      .where('m.parent', roomId)
      .orderBy('m.idx')
      .select('m.user', 'm.role', 'm.is_muted', 'm.joined_date', 'm.last_read_timestamp')
      .select('u.full_name', 'u.user_image', 'u.email', 'u.enabled'),
  )
  const employees = await employeesOf(ctx, roomId)
  const members = rows.map(({ full_name, email, enabled, ...member }): MemberDetails => ({
    ...member,
    user_full_name: full_name ?? member.user,
    user_email: email ?? member.user,
    enabled: enabled === 1 ? 1 : 0,
    employee_info: employees.get(member.user) ?? { designation: null, department: null },
  }))
  const other = members.find(({ user }) => user !== ctx.user)
  const peer = other && { ...other, full_name: other.user_full_name }
  return {
    room: {
      ...room,
      room_name: nameFor(room, peer),
      notify: room.notify ?? 'All',
      members,
      member_count: members.length,
    },
    user_permissions: permissionsIn(
      room,
      members.find(({ user }) => user === ctx.user),
    ),
  }
}

/** What the site's Employees say of a room's members, by user; nothing where it keeps none, or keeps them otherwise. */
async function employeesOf(ctx: Context, room: string): Promise<ReadonlyMap<string, EmployeeInfo>> {
  const meta = ctx.site.registry.findMeta('Employee')
  const has = (field: string): boolean =>
    meta?.valueFields.some(({ fieldname }) => fieldname === field) ?? false
  const facts = ['designation', 'department'].filter(has)
  if (!meta || meta.isVirtual || meta.isSingle || !has('user_id') || facts.length === 0) return new Map()
  const rows = await rowsOf<Partial<EmployeeInfo> & { user_id: string }>(
    ctx
      .db(`${meta.table} as e`)
      .join('tabChat Room Member as m', 'm.user', 'e.user_id')
      .where('m.parent', room)
      .orderBy('e.name')
      .select('e.user_id', ...facts.map((fact) => `e.${fact}`)),
  )
  return new Map(
    rows.map(({ user_id, designation = null, department = null }) => [
      user_id,
      {
        designation: designation === '' ? null : designation,
        department: department === '' ? null : department,
      },
    ]),
  )
}
