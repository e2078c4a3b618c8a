import { defineJob, Type, type JobRun } from '@f-chat/desk'
import { BATCH, removeOldest, type Removal } from '../doctypes/chat_message/remove-old.ts'
import { findExpired } from '../doctypes/chat_message/retention.ts'
import { addDays } from '../doctypes/days.ts'
import { forgetStatistics, missingDays, storeStatistics } from '../doctypes/chat_room_statistics/count.ts'

const HOUR = 3600

/** Deletes a batch at a time until nothing is left to go, each in a transaction of its own. */
async function removeAll(run: JobRun, room: string, removal: Removal): Promise<void> {
  for (;;) {
    run.signal.throwIfAborted()
    if ((await run.write((ctx) => removeOldest(ctx, room, removal))) < BATCH) return
  }
}

/** Daily: messages that are older than their room keeps them, or the site's settings do. */
export const cleanupOldMessages = defineJob({
  name: 'f_chat.tasks.cleanup_old_messages',
  timeout: 6 * HOUR,
  async handler(_args, run) {
    const failures: unknown[] = []
    for (const { room, removal } of await run.read(findExpired)) {
      run.signal.throwIfAborted()
      try {
        await removeAll(run, room, removal)
      } catch (error) {
        run.signal.throwIfAborted()
        run.site.log.error({ err: error, room }, 'old messages of a room could not be deleted')
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not every room could be cleaned.')
  },
})

/** The rest of a room that an administrator empties; what is written after they asked stays. */
export const emptyRoom = defineJob({
  name: 'f_chat.tasks.empty_room',
  input: Type.Object({ room: Type.String(), upTo: Type.Integer() }),
  timeout: HOUR,
  handler: ({ room, upTo }, run) => removeAll(run, room, { upTo }),
})

/** Daily: what was written in each room the day before, and on days that were missed. */
export const countRoomStatistics = defineJob({
  name: 'f_chat.tasks.room_statistics',
  timeout: HOUR,
  async handler(_args, run) {
    const yesterday = addDays(run.site.clock.now().slice(0, 10), -1)
    for (const day of await run.read((ctx) => missingDays(ctx, yesterday))) {
      run.signal.throwIfAborted()
      await run.write((ctx) => storeStatistics(ctx, day))
    }
    await run.write((ctx) => forgetStatistics(ctx, yesterday))
  },
})
