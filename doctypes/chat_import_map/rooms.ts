import type { Context } from '@f-chat/desk'
import { directKey } from '../chat_room/direct.ts'
import { rowsOf } from '../query.ts'
import type { Entry, NewEntry } from './ledger.ts'
import { memberRow } from './member-rows.ts'
import { membersThere, type MemberThere } from './members.ts'
import { parts, writeBatch, type ImportRun } from './run.ts'
import { stateOf } from './room-state.ts'
import { madeAt, ROOM_COLUMNS, settingsThere, type RoomSettings } from './room-values.ts'
import { insertRows, standardColumns, type Row } from './rows.ts'
import { Tally } from './tally.ts'
import { textOf, type SourceRow } from './values.ts'
import { updateRoom } from './update-room.ts'

const ROOMS_PER_PAGE = 200
const ROOMS_PER_TRANSACTION = 50

/** A room of the source, read and understood. */
export interface RoomThere {
  name: string
  row: SourceRow
  settings: RoomSettings
  members: MemberThere[]
  created_by: string | null
  at: string
  /** Whether there is anything to follow: then its first message is its first change. */
  hasMessages: boolean
}

/**
 * Brings rooms with their members; of rooms that were brought before, what has changed in the source since.
 * @param hasMessages whether the source has messages for a room
 */
export async function importRooms(run: ImportRun, hasMessages: (room: string) => boolean): Promise<void> {
  const total = await run.source.count('Chat Room')
  let done = 0
  for await (const rows of run.source.pages('Chat Room', ROOM_COLUMNS, ROOMS_PER_PAGE)) {
    const known = await run.ledger.find(
      run.site.database.reader,
      'Chat Room',
      rows.map(({ name }) => textOf(name)),
    )
    const rooms = await readRooms(run, rows, hasMessages)
    const added = rooms.filter(({ name }) => !known.has(name))
    for (const part of parts(added, ROOMS_PER_TRANSACTION)) {
      const here = await writeBatch(run, (ctx, tally) => insertRooms(run, ctx, part, tally))
      for (const [source, name] of here) run.rooms.set(source, { name })
    }
    for (const room of rooms) {
      const entry: Entry | undefined = known.get(room.name)
      if (!entry) continue
      run.rooms.set(room.name, { name: entry.target })
      await updateRoom(run, room, entry)
    }
    done += rows.length
    run.progress('Rooms', done, total)
  }
}

async function readRooms(
  run: ImportRun,
  rows: readonly SourceRow[],
  hasMessages: (room: string) => boolean,
): Promise<RoomThere[]> {
  const members = await run.source.rowsBy(
    'Chat Room Member',
    'parent',
    rows.map(({ name }) => textOf(name)),
    ['creation', 'user', 'role', 'joined_date', 'is_muted', 'last_read_timestamp', 'idx'],
  )
  const byRoom = new Map<string, SourceRow[]>()
  for (const member of members) {
    const parent = textOf(member.parent)
    const there = byRoom.get(parent)
    if (there) there.push(member)
    else byRoom.set(parent, [member])
  }
  return rows.map((row) => {
    const name = textOf(row.name)
    const { tally, users } = run
    const creator = textOf(row.created_by) || textOf(row.owner)
    const created_by = users.find(creator) ?? null
    if (textOf(row.created_by) !== '' && created_by === null)
      tally.list('Chat Room', name, `its created_by "${creator}" does not exist; brought without`)
    const at = madeAt(row)
    if (at === null)
      tally.list('Chat Room', name, 'has no valid creation_date; brought with the time of the import')
    return {
      name,
      row,
      settings: settingsThere(row, tally),
      members: membersThere(byRoom.get(name) ?? [], users, tally),
      created_by,
      at: at ?? run.site.clock.now(),
      hasMessages: hasMessages(name),
    }
  })
}

/** @returns names in the source, and here */
async function insertRooms(
  run: ImportRun,
  ctx: Context,
  rooms: readonly RoomThere[],
  tally: Tally,
): Promise<[string, string][]> {
  const direct = await directRooms(ctx, rooms)
  const names = await run.names.choose(
    ctx,
    'Chat Room',
    rooms.map(({ name }) => name),
  )
  const rows: Row[] = []
  const memberRows: Row[] = []
  const entries: NewEntry[] = []
  const here: [string, string][] = []
  for (const room of rooms) {
    const key = keyOf(room)
    const twin = key === null ? undefined : direct.get(key)
    if (room.settings.room_type === 'Direct Message' && room.members.length !== 2)
      tally.list(
        'Chat Room',
        room.name,
        `is a Direct Message of ${String(room.members.length)} members, not of 2`,
      )
    const name = twin ?? names.get(room.name) ?? room.name
    here.push([room.name, name])
    const state = stateOf(room.settings, room.members, { read: {}, isMerged: twin !== undefined })
    entries.push({ source: room.name, target: name, fingerprint: '', state: JSON.stringify(state) })
    if (twin !== undefined) {
      tally.add('Chat Room', 'present')
      tally.list(
        'Chat Room',
        room.name,
        `these two have the Direct Message ${twin} here: its messages went there`,
      )
      continue
    }
    if (key !== null) direct.set(key, name)
    rows.push(roomRow(name, room, key, ctx.now()))
    room.members.forEach((member, i) =>
      memberRows.push(memberRow(name, member, i + 1, room.created_by ?? ctx.user, room.at)),
    )
    tally.add('Chat Room', 'brought')
    if (room.members.length > 0) tally.add('Chat Room Member', 'brought', room.members.length)
  }
  await insertRows(ctx, 'Chat Room', rows)
  await insertRows(ctx, 'Chat Room Member', memberRows)
  await run.ledger.add(ctx, 'Chat Room', entries)
  return here
}

function keyOf({ settings, members }: RoomThere): string | null {
  const isPair = settings.room_type === 'Direct Message' && members.length === 2
  return isPair && settings.room_status !== 'Deleted' ? directKey(members.map(({ user }) => user)) : null
}

/** Direct Messages that are here, by their key. */
async function directRooms(ctx: Context, rooms: readonly RoomThere[]): Promise<Map<string, string>> {
  const keys = rooms.map(keyOf).filter((key) => key !== null)
  if (keys.length === 0) return new Map()
  const found = await rowsOf<{ name: string; direct_key: string }>(
    ctx.db('tabChat Room').whereIn('direct_key', keys).select('name', 'direct_key'),
  )
  return new Map(found.map(({ name, direct_key }) => [direct_key, name]))
}

function roomRow(name: string, room: RoomThere, direct_key: string | null, now: string): Row {
  // Numbers begin with the first message, where there is one.
  const first = room.hasMessages ? 0 : 1
  return {
    ...standardColumns(name, room.created_by ?? 'Administrator', room.at),
    ...room.settings,
    created_by: room.created_by,
    creation_date: room.at,
    last_seq: 0,
    change_seq: first,
    members_change_seq: first,
    settings_change_seq: first,
    deleted_count: 0,
    last_message_at: room.at,
    last_change: now,
    direct_key,
  }
}
