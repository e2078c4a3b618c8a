import { defineJob } from '@f-chat/desk'
import { BATCH, removeOrphans, removeUnsent, type Cleaned } from '../doctypes/chat_message/room-files.ts'

const HOUR = 3600
/** Files that are not in a message after so long go. */
const KEPT_MS = 24 * HOUR * 1000

/** At 02:00: what was uploaded and never sent, and files of rooms that nothing shows any more. */
export const clearRoomFiles = defineJob({
  name: 'f_chat.tasks.clear_room_files',
  timeout: 2 * HOUR,
  async handler(_args, run) {
    const before = run.site.clock.at(Date.now() - KEPT_MS)
    let found = BATCH
    while (found === BATCH) {
      run.signal.throwIfAborted()
      found = await run.write((ctx) => removeUnsent(ctx, before))
    }
    let removed = 0
    let after: string | null = ''
    while (after !== null) {
      run.signal.throwIfAborted()
      const cleaned: Cleaned = await run.write((ctx) => removeOrphans(ctx, before, after ?? ''))
      removed += cleaned.removed
      after = cleaned.last
    }
    if (removed > 0) run.site.log.info({ removed }, 'Files that no message shows are gone')
  },
})
