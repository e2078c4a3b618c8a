import { hashName, type Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import type { MemberThere } from './members.ts'
import { childColumns, standardColumns, type Row } from './rows.ts'

/** A member's row as it begins: what has been read is told once the messages are here. */
export function memberRow(room: string, member: MemberThere, idx: number, owner: string, at: string): Row {
  return {
    ...standardColumns(hashName(), owner, at),
    ...childColumns(room, 'Chat Room', 'members', idx),
    user: member.user,
    role: member.role,
    is_admin: member.role === 'Admin' ? 1 : 0,
    is_muted: member.is_muted,
    joined_date: member.joined_date ?? at,
    last_read_timestamp: member.last_read,
  }
}

/** A member here, held until the commit. */
export interface MemberHere {
  name: string
  user: string
  idx: number
  last_read_seq: number
  own_since_read: number
}

export async function holdMembers(ctx: Context, room: string): Promise<MemberHere[]> {
  return await rowsOf<MemberHere>(
    ctx
      .db('tabChat Room Member')
      .where({ parent: room })
      .orderBy('idx')
      .forUpdate()
      .select('name', 'user', 'idx', 'last_read_seq', 'own_since_read'),
  )
}
