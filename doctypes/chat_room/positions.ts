import type { Context } from '@f-chat/desk'
import { rowsOfSql } from '../query.ts'

/** Where each of the caller's rooms stands. */
export interface Position {
  name: string
  room_status: string
  change_seq: number
}

/** Every beat of everybody asks for it. */
const POSITIONS = `
  select r.name, r.room_status, r.change_seq
  from \`tabChat Room Member\` m join \`tabChat Room\` r on r.name = m.parent
  where m.user = ? and r.room_status <> 'Deleted'`

/** One statement; deleted rooms are nobody's. */
export async function roomPositions(ctx: Context): Promise<Position[]> {
  return await rowsOfSql<Position>(ctx, POSITIONS, [ctx.user])
}

/** Each Active room's change_seq, by room. */
export function activePositions(positions: readonly Position[]): Record<string, number> {
  return Object.fromEntries(
    positions
      .filter(({ room_status }) => room_status === 'Active')
      .map(({ name, change_seq }) => [name, change_seq]),
  )
}
