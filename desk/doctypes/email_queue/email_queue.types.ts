// Generated from email_queue.json by the build: edit that file instead.

import type { EmailQueueRecipientFields } from '../email_queue_recipient/email_queue_recipient.types.ts'

/** The fields of Email Queue. */
export interface EmailQueueFields {
  subject: string | null
  status: 'Not Sent' | 'Sending' | 'Sent' | 'Partially Sent' | 'Error' | null
  sender: string | null
  reply_to: string | null
  recipients: EmailQueueRecipientFields[]
  error: string | null
  retry: number
  priority: number
  message_id: string | null
  reference_doctype: string | null
  reference_name: string | null
  sensitive: 0 | 1
  sealed_content: string | null
  text_content: string | null
  html_content: string | null
  attachments: string | null
}
