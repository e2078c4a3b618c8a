import { defineApp } from './app.ts'
import { syncScheduledJobTypes } from './jobs/scheduled-types.ts'
import { sendWaitingMail } from './jobs/send-mail.ts'
import { trimLogs } from './jobs/trim-logs.ts'

/** desk itself, as the first app of every site: users, roles, and the methods that every desk answers. */
export default defineApp({
  name: 'desk',
  title: 'Desk',
  after_migrate: syncScheduledJobTypes,
  scheduler_events: { all: sendWaitingMail, daily_long: trimLogs },
})
