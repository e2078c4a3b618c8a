import { defineApp } from './app.ts'
import { filePermission, narrowFiles } from './files/access.ts'
import { deleteAttachments } from './files/attachment.ts'
import { ensureFolders } from './files/folders.ts'
import { clearUploads } from './jobs/clear-uploads.ts'
import { syncScheduledJobTypes } from './jobs/scheduled-types.ts'
import { sendWaitingMail } from './jobs/send-mail.ts'
import { trimLogs } from './jobs/trim-logs.ts'
import { queuePermission } from './mail/queue-permission.ts'
import { eraseOwnFiles } from './personal-data/own-files.ts'

/** desk itself, as the first app of every site: users, roles, files, and the methods that every desk answers. */
export default defineApp({
  name: 'desk',
  title: 'Desk',
  async after_migrate(ctx) {
    await ensureFolders(ctx)
    await syncScheduledJobTypes(ctx)
  },
  has_permission: { File: filePermission, 'Email Queue': queuePermission },
  permission_query_conditions: { File: narrowFiles },
  doc_events: { '*': { after_delete: deleteAttachments } },
  user_data_fields: [
    { doctype: 'Version', filter_by: 'docname' },
    { doctype: 'File', filter_by: 'attached_to_name' },
    { doctype: 'Error Log', filter_by: 'user' },
    { doctype: 'Background Job', filter_by: 'user' },
    {
      doctype: 'Email Queue Recipient',
      filter_by: 'recipient',
      redact_fields: ['recipient', 'recipient_name'],
    },
  ],
  erase_user: eraseOwnFiles,
  scheduler_events: { all: sendWaitingMail, daily_long: [trimLogs, clearUploads] },
})
