import { defineJob } from '@f-chat/desk'
import { markStale } from '../doctypes/chat_user_activity/stale.ts'

/** Users of whom nothing has been heard for ten minutes are offline. */
export const cleanupStaleUsers = defineJob({
  name: 'f_chat.jobs.cleanup_stale_users',
  timeout: 60,
  async handler(_args, run) {
    await run.write(markStale)
  },
})
