import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { holdRoom, storeRoom } from './hold-room.ts'
import { holdMembers } from './member-rows.ts'
import { parseState, type RoomState } from './room-state.ts'
import { writeBatch, type ImportRun, type RoomHere } from './run.ts'
import { textOf, timeOf } from './values.ts'

const MESSAGES_PER_PAGE = 5000

/** A member who has read further in the source than was brought before. */
interface Mark {
  until: string
  /** The newest message that they have read; undefined until it is found. */
  seq?: number
  /** Their own messages after it. */
  own: number
}

/** Brings how far the members of a room have read; never backwards. */
export async function bringReadMarks(run: ImportRun, source: string, here: RoomHere): Promise<void> {
  const found = await run.ledger.find(run.site.database.reader, 'Chat Room', [source])
  const state = parseState(found.get(source)?.state ?? '')
  const there = await lastReads(run, source)
  const moved = new Map([...there].filter(([user, at]) => at > (state.read[user] ?? '')))
  const room = await run.site.database
    .reader('tabChat Room')
    .where({ name: here.name })
    .first<{ change_seq: number } | undefined>('change_seq')
  if (moved.size === 0 && room?.change_seq !== 0) return
  await writeBatch(run, async (ctx) => {
    const held = await holdRoom(ctx, here.name)
    if (held.change_seq === 0) {
      // None of its messages could come: its own making is its first change.
      Object.assign(held, { change_seq: 1, members_change_seq: 1, settings_change_seq: 1 })
      await storeRoom(ctx, held)
    }
    await moveMarks(ctx, here.name, moved)
    const read: RoomState['read'] = { ...state.read, ...Object.fromEntries(moved) }
    await run.ledger.update(ctx, 'Chat Room', source, { state: JSON.stringify({ ...state, read }) })
  })
}

async function lastReads(run: ImportRun, room: string): Promise<Map<string, string>> {
  const rows = await run.source.rowsBy('Chat Room Member', 'parent', [room], ['user', 'last_read_timestamp'])
  const reads = new Map<string, string>()
  for (const row of rows) {
    const user = run.users.find(textOf(row.user))
    const at = timeOf(row.last_read_timestamp)
    if (user !== undefined && at !== null && at > (reads.get(user) ?? '')) reads.set(user, at)
  }
  return reads
}

async function moveMarks(ctx: Context, room: string, moved: ReadonlyMap<string, string>): Promise<void> {
  const marks = new Map([...moved].map(([user, until]): [string, Mark] => [user, { until, own: 0 }]))
  await place(ctx, room, marks)
  for (const member of await holdMembers(ctx, room)) {
    const mark = marks.get(member.user)
    if (mark?.seq === undefined || mark.seq <= member.last_read_seq) continue
    await ctx
      .db('tabChat Room Member')
      .where({ name: member.name })
      .update({ last_read_timestamp: mark.until, last_read_seq: mark.seq, own_since_read: mark.own })
  }
}

/** From the newest message back, until every mark has its place: most have read nearly everything. */
async function place(ctx: Context, room: string, marks: ReadonlyMap<string, Mark>): Promise<void> {
  let open = [...marks]
  for (let before = Number.MAX_SAFE_INTEGER; open.length > 0;) {
    const rows = await rowsOf<{ seq: number; timestamp: string; sender: string }>(
      ctx
        .db('tabChat Message')
        .where({ chat_room: room })
        .where('seq', '<', before)
        .orderBy('seq', 'desc')
        .limit(MESSAGES_PER_PAGE)
        .select('seq', 'timestamp', 'sender'),
    )
    for (const { seq, timestamp, sender } of rows) {
      for (const [user, mark] of open) {
        if (timestamp <= mark.until) mark.seq = seq
        else if (sender === user) mark.own += 1
      }
      open = open.filter(([, { seq: found }]) => found === undefined)
      if (open.length === 0) return
    }
    const last = rows.at(-1)
    if (!last || rows.length < MESSAGES_PER_PAGE) return
    before = last.seq
  }
}
