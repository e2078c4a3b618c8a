import { defineMethod, Type } from '@f-chat/desk'
import { membersWithAddress } from '../doctypes/chat_message/email-recipients.ts'
import { emailFile, emailMessage, type SentEmail } from '../doctypes/chat_message/email.ts'
import { memberRoom } from '../doctypes/chat_room/membership.ts'
import { answerOf, longPath, MessageId, RoomId } from './shared.ts'

/** Users of the site by id or address, or addresses in a domain that Chat Settings allow. */
const Recipients = Type.Array(Type.String({ minLength: 1, maxLength: 254 }), { maxItems: 1000 })
const Subject = Type.String({ maxLength: 200 })
const Note = Type.String({ maxLength: 10_000 })

const Sent = answerOf({ recipients_count: Type.Integer(), recipients: Type.Array(Type.String()) })

const sent = (data: SentEmail) => ({
  success: true,
  message: `Sent to ${String(data.recipients_count)} ${data.recipients_count === 1 ? 'person' : 'people'}`,
  data,
})

export const sendMessageViaEmail = defineMethod({
  name: 'f_chat.send_message_via_email',
  summary: 'Mails a message and its files to the room’s other members, or to those named.',
  aliases: [longPath('email_integration', 'send_message_via_email')],
  writes: true,
  input: Type.Object({
    message_id: MessageId,
    recipients: Type.Optional(Recipients),
    subject: Type.Optional(Subject),
    additional_message: Type.Optional(Note),
  }),
  output: Sent,
  async handler({ message_id, recipients, subject, additional_message }, ctx) {
    return sent(await emailMessage(ctx, message_id, { recipients, subject, note: additional_message }))
  },
})

export const sendFileViaEmail = defineMethod({
  name: 'f_chat.send_file_via_email',
  summary: 'Mails a file that a message of the room shows; its name is the one that it has there.',
  aliases: [longPath('email_integration', 'send_file_via_email')],
  writes: true,
  input: Type.Object({
    room_id: RoomId,
    file_url: Type.String({ minLength: 1, maxLength: 700 }),
    file_name: Type.Optional(Type.String({ maxLength: 255 })),
    recipients: Type.Optional(Recipients),
    subject: Type.Optional(Subject),
    message_content: Type.Optional(Note),
  }),
  output: Sent,
  async handler({ room_id, file_url, recipients, subject, message_content }, ctx) {
    const room = await memberRoom(ctx, room_id)
    return sent(await emailFile(ctx, room, file_url, { recipients, subject, note: message_content }))
  },
})

export const getAvailableEmailRecipients = defineMethod({
  name: 'f_chat.get_available_email_recipients',
  summary: 'The room’s enabled members who have an address.',
  aliases: [longPath('email_integration', 'get_available_email_recipients')],
  input: Type.Object({ room_id: RoomId }),
  output: answerOf({
    recipients: Type.Array(
      Type.Object(
        {
          user: Type.String(),
          full_name: Type.String(),
          email: Type.String(),
          user_image: Type.Union([Type.String(), Type.Null()]),
          is_current_user: Type.Boolean(),
        },
        { additionalProperties: false },
      ),
    ),
    total_count: Type.Integer(),
  }),
  async handler({ room_id }, ctx) {
    const room = await memberRoom(ctx, room_id)
    const members = await membersWithAddress(ctx, room.name)
    const recipients = members.map((member) => ({ ...member, is_current_user: member.user === ctx.user }))
    return { success: true, data: { recipients, total_count: recipients.length } }
  },
})
