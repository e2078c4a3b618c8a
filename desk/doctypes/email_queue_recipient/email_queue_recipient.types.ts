// Generated from email_queue_recipient.json by the build: edit that file instead.

/** The fields of Email Queue Recipient. */
export interface EmailQueueRecipientFields {
  recipient: string | null
  recipient_name: string | null
  kind: 'To' | 'Cc' | 'Bcc' | null
  status: 'Not Sent' | 'Sent' | 'Error' | null
  error: string | null
}
