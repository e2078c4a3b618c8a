import type { Context } from '@f-chat/desk'
import { memberRooms } from './membership.ts'
import { rowsOf } from '../query.ts'

/** Where each of the caller's rooms stands. */
export interface Position {
  name: string
  room_status: string
  change_seq: number
}

/** One statement; deleted rooms are nobody's. */
export async function roomPositions(ctx: Context): Promise<Position[]> {
  return await rowsOf<Position>(
    memberRooms(ctx).whereNot('r.room_status', 'Deleted').select('r.name', 'r.room_status', 'r.change_seq'),
  )
}

/** Each Active room's change_seq, by room. */
export function activePositions(positions: readonly Position[]): Record<string, number> {
  return Object.fromEntries(
    positions
      .filter(({ room_status }) => room_status === 'Active')
      .map(({ name, change_seq }) => [name, change_seq]),
  )
}
