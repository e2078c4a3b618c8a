import type { Context } from '@f-chat/desk'
import { roomNames } from '../chat_room/names.ts'
import { holdRoom, storeRoom } from './hold-room.ts'
import type { Entry } from './ledger.ts'
import { holdMembers, memberRow } from './member-rows.ts'
import { changesSince, parseState, stateOf, type RoomChanges } from './room-state.ts'
import type { RoomThere } from './rooms.ts'
import { insertRows } from './rows.ts'
import { writeBatch, type ImportRun } from './run.ts'
import type { Tally } from './tally.ts'

/** Brings what has changed in a room of the source since it was last read. */
export async function updateRoom(run: ImportRun, there: RoomThere, entry: Entry): Promise<void> {
  const known = parseState(entry.state)
  const changes = changesSince(known, there.settings, there.members)
  const isSame =
    Object.keys(changes.settings).length === 0 &&
    changes.added.length + changes.changed.length + changes.removed.length === 0
  if (isSame) {
    run.tally.add('Chat Room', 'present')
    return
  }
  const state = JSON.stringify(stateOf(there.settings, there.members, known))
  await writeBatch(run, async (ctx, tally) => {
    // One that went into a room of this site's own leaves that as it is.
    if (known.isMerged) tally.add('Chat Room', 'present')
    else await change(ctx, entry.target, changes, tally)
    await run.ledger.update(ctx, 'Chat Room', there.name, { state })
  })
}

async function change(ctx: Context, name: string, changes: RoomChanges, tally: Tally): Promise<void> {
  const room = await holdRoom(ctx, name)
  const { settings } = changes
  if (Object.keys(settings).length > 0) {
    // Two who talk to each other stay two: a Direct Message does not become another kind, nor the other way round.
    const { room_type: _type, ...others } = settings
    await ctx
      .db('tabChat Room')
      .where({ name })
      .update({
        ...others,
        ...(settings.room_status === 'Deleted' && { direct_key: null }),
        modified: ctx.now(),
        modified_by: ctx.user,
      })
    room.change_seq += 1
    room.settings_change_seq = room.change_seq
    ctx.afterCommit(() => {
      roomNames.forget(ctx.site, name)
    })
  }
  if (await changeMembers(ctx, name, changes, tally)) {
    room.change_seq += 1
    room.members_change_seq = room.change_seq
  }
  await storeRoom(ctx, room)
  tally.add('Chat Room', 'changed')
}

async function changeMembers(
  ctx: Context,
  room: string,
  changes: RoomChanges,
  tally: Tally,
): Promise<boolean> {
  const here = await holdMembers(ctx, room)
  const byUser = new Map(here.map((member) => [member.user, member]))
  const added = changes.added.filter(({ user }) => !byUser.has(user))
  const changed = changes.changed.filter(({ user }) => byUser.has(user))
  const removed = changes.removed.filter((user) => byUser.has(user))
  let idx = Math.max(0, ...here.map((member) => member.idx))
  const now = ctx.now()
  await insertRows(
    ctx,
    'Chat Room Member',
    added.map((member) => memberRow(room, member, ++idx, ctx.user, now)),
  )
  for (const { user, role, is_muted } of changed) {
    await ctx
      .db('tabChat Room Member')
      .where({ parent: room, user })
      .update({ role, is_admin: role === 'Admin' ? 1 : 0, is_muted, modified: now, modified_by: ctx.user })
  }
  if (removed.length > 0)
    await ctx.db('tabChat Room Member').where({ parent: room }).whereIn('user', removed).delete()
  if (added.length > 0) tally.add('Chat Room Member', 'brought', added.length)
  if (changed.length + removed.length > 0)
    tally.add('Chat Room Member', 'changed', changed.length + removed.length)
  return added.length + changed.length + removed.length > 0
}
